package format

import (
	"bytes"
	"io"
)

// comparer takes writes and, instead of doing them, compares them with a disk:
// each sector must be zero or already what is written. With exact it must be
// what is written.
type comparer struct {
	on      io.ReaderAt
	exact   bool
	foreign bool     // something else was found
	covered []Region // what was compared
}

// sectorAtom is the least a disk writes whole.
const sectorAtom = 512

func (c *comparer) WriteAt(p []byte, at int64) (int, error) {
	there, err := read(c.on, at, len(p))
	if err != nil {
		return 0, err
	}
	c.cover(at, int64(len(p)))
	for i := 0; i < len(p) && !c.foreign; i += sectorAtom {
		end := min(i+sectorAtom, len(p))
		same := bytes.Equal(there[i:end], p[i:end])
		c.foreign = !same && (c.exact || !zero(there[i:end]))
	}
	return len(p), nil
}

// cover joins a region to the one before if they touch, which keeps the list to
// a few entries.
func (c *comparer) cover(at, size int64) {
	if n := len(c.covered); n > 0 {
		if last := &c.covered[n-1]; last.Start+last.Size == at {
			last.Size += size
			return
		}
	}
	c.covered = append(c.covered, Region{at, size})
}
