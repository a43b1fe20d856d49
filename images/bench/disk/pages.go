package disk

import (
	"errors"
	"io"
	"maps"
)

const pageSize = 4096

// page is never changed once it is in a map, so that clones share it.
type page [pageSize]byte

var zeros page

// pages are the bytes of a disk: those of the base image, but for the pages that
// were written.
type pages struct {
	base io.ReaderAt
	own  map[int64]*page
}

func newPages(base io.ReaderAt) pages { return pages{base, map[int64]*page{}} }

func (p pages) clone() pages { return pages{p.base, maps.Clone(p.own)} }

// read fills b. What lies behind the end of the base reads as zeros.
func (p pages) read(b []byte, off int64) error {
	for len(b) > 0 {
		i, at := off/pageSize, off%pageSize
		n := min(int64(len(b)), pageSize-at)
		if own := p.own[i]; own != nil {
			copy(b[:n], own[at:])
		} else {
			n = p.foreign(b, off)
			if err := p.readBase(b[:n], off); err != nil {
				return err
			}
		}
		b, off = b[n:], off+n
	}
	return nil
}

// foreign is how many bytes from off on can be read from the base in one go.
func (p pages) foreign(b []byte, off int64) int64 {
	end := off + int64(len(b))
	for i := off/pageSize + 1; i*pageSize < end; i++ {
		if p.own[i] != nil {
			return i*pageSize - off
		}
	}
	return int64(len(b))
}

func (p pages) readBase(b []byte, off int64) error {
	n := 0
	if p.base != nil {
		var err error
		if n, err = p.base.ReadAt(b, off); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	clear(b[n:])
	return nil
}

func (p pages) write(w write) error {
	for done := int64(0); done < w.n; {
		i, at := (w.off+done)/pageSize, (w.off+done)%pageSize
		n := min(w.n-done, pageSize-at)
		if err := p.change(i, at, n, w.part(done, n)); err != nil {
			return err
		}
		done += n
	}
	return nil
}

// part is n bytes of a write; nil: zeros.
func (w write) part(from, n int64) []byte {
	if w.data == nil {
		return nil
	}
	return w.data[from : from+n]
}

// change replaces n bytes of a page.
func (p pages) change(i, at, n int64, data []byte) error {
	if data == nil && n == pageSize {
		p.own[i] = &zeros
		return nil
	}
	next := new(page)
	if n < pageSize {
		if err := p.read(next[:], i*pageSize); err != nil {
			return err
		}
	}
	if data == nil {
		clear(next[at : at+n])
	} else {
		copy(next[at:], data)
	}
	p.own[i] = next
	return nil
}
