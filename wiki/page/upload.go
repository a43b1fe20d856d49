package page

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/argss/argss/wiki"
)

// MaxFile is the largest file in bytes.
const MaxFile = wiki.MaxBlobs * int64(wiki.MaxBlob)

// Upload stores a file's content piece by piece as it arrives and then saves
// the draft as its revision. The pieces of a broken upload stay and make the
// next try cheaper to copy; they are no part of the wiki.
func (p *Pages) Upload(ctx context.Context, d Draft, content io.Reader) (Saved, error) {
	d.Kind = wiki.Upload
	if err := d.check(); err != nil {
		return Saved{}, err
	}
	piece := make([]byte, wiki.MaxBlob)
	for {
		n, err := io.ReadFull(content, piece)
		if n > 0 {
			if storeErr := p.storePiece(ctx, &d, piece[:n]); storeErr != nil {
				return Saved{}, storeErr
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return p.Save(ctx, d)
		}
		if err != nil {
			return Saved{}, fmt.Errorf("receive file: %w", err)
		}
	}
}

func (p *Pages) storePiece(ctx context.Context, d *Draft, piece []byte) error {
	if d.Size+int64(len(piece)) > MaxFile {
		return fmt.Errorf("%w: a file may have %d bytes", ErrTooLarge, MaxFile)
	}
	hash, err := p.Blobs.PutBlob(ctx, piece)
	if err != nil {
		return fmt.Errorf("store file: %w", err)
	}
	d.Blobs = append(d.Blobs, wiki.BlobRef{Hash: hash, Size: int64(len(piece))})
	d.Size += int64(len(piece))
	return nil
}
