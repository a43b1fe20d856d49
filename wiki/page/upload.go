package page

import (
	"context"
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
		n, err := fill(content, piece)
		if n > 0 && (err == nil || err == io.EOF) {
			if storeErr := p.storePiece(ctx, &d, piece[:n]); storeErr != nil {
				return Saved{}, storeErr
			}
		}
		if err == io.EOF {
			return p.Save(ctx, d)
		}
		if err != nil {
			return Saved{}, fmt.Errorf("receive file: %w", err)
		}
	}
}

// fill reads until p is full or content ends. It is not io.ReadFull, which
// says io.ErrUnexpectedEOF for the end of the file: net/http says the same for
// a connection that broke.
func fill(content io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		m, err = content.Read(p[n:])
		n += m
	}
	return n, err
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
