package web

import (
	"context"
	"errors"
	"io"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/page"
)

// blobs reads a file out of its pieces, each fetched when it is needed, so
// that a range of a large file costs only that range. It implements
// io.ReadSeeker.
type blobs struct {
	ctx    context.Context
	pages  *page.Pages
	pieces []wiki.BlobRef
	size   int64
	pos    int64
	index  int    // of the piece in data, -1 for none
	data   []byte // of that piece
	err    error  // why reading ended early
}

func newBlobs(ctx context.Context, pages *page.Pages, file wiki.Body) *blobs {
	return &blobs{ctx: ctx, pages: pages, pieces: file.Blobs, size: file.Size, index: -1}
}

// probe fetches the first piece.
func (b *blobs) probe() error {
	if len(b.pieces) == 0 {
		return nil
	}
	return b.fetch(0)
}

func (b *blobs) fetch(index int) error {
	if b.index == index {
		return nil
	}
	data, err := b.pages.Blob(b.ctx, b.pieces[index].Hash)
	if err != nil {
		return err
	}
	if int64(len(data)) != b.pieces[index].Size {
		return wiki.ErrDamaged
	}
	b.index, b.data = index, data
	return nil
}

// Read implements io.Reader.
func (b *blobs) Read(p []byte) (int, error) {
	if b.pos >= b.size {
		return 0, io.EOF
	}
	index, offset := b.locate(b.pos)
	if err := b.fetch(index); err != nil {
		b.err = err
		return 0, err
	}
	n := copy(p, b.data[offset:])
	b.pos += int64(n)
	return n, nil
}

// locate finds the piece a position is in.
func (b *blobs) locate(pos int64) (index int, offset int64) {
	for i, piece := range b.pieces {
		if pos < piece.Size {
			return i, pos
		}
		pos -= piece.Size
	}
	panic("web: a position beyond the pieces of a file, whose sizes Parse has added up")
}

// Seek implements io.Seeker.
func (b *blobs) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += b.pos
	case io.SeekEnd:
		offset += b.size
	}
	if offset < 0 {
		return 0, errors.New("seek before the beginning of the file")
	}
	b.pos = offset
	return offset, nil
}

// incoming is a request's body whose end is always told apart from its
// breaking off: net/http says io.ErrUnexpectedEOF for the latter, which
// readers of whole pieces take for the end of the file.
type incoming struct {
	body io.Reader
	err  error // why it broke off
}

var errBroken = errors.New("the body broke off")

// Read implements io.Reader.
func (i *incoming) Read(p []byte) (int, error) {
	n, err := i.body.Read(p)
	if err != nil && err != io.EOF {
		i.err = err
		err = errBroken
	}
	return n, err
}
