package format

import (
	"io"
	"maps"
)

// memory is a disk in memory, sparse, that remembers each sector written since
// the last sync.
type memory struct {
	size    int64
	kept    map[int64]string // sectors on the platter
	pending []sectorWrite    // in the cache, in order
	writes  int              // sectors written so far
	cut     int              // the power fails at this one; -1: never
	liar    int64            // addresses wrap at this size, 0: never
}

type sectorWrite struct {
	at   int64
	data string
}

func blankDisk(size int64) *memory { return &memory{size: size, kept: map[int64]string{}, cut: -1} }

var nothing = string(make([]byte, sectorAtom))

func (d *memory) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 || at+int64(len(p)) > d.size {
		return 0, io.EOF
	}
	cached := map[int64]string{}
	for _, w := range d.pending {
		cached[w.at] = w.data
	}
	for done := 0; done < len(p); {
		sector, skip := (at+int64(done))/sectorAtom*sectorAtom, (at+int64(done))%sectorAtom
		if d.liar > 0 {
			sector %= d.liar
		}
		data, ok := cached[sector]
		if !ok {
			if data, ok = d.kept[sector]; !ok {
				data = nothing
			}
		}
		done += copy(p[done:], data[skip:])
	}
	return len(p), nil
}

func (d *memory) WriteAt(p []byte, at int64) (int, error) {
	if at < 0 || at+int64(len(p)) > d.size {
		return 0, io.ErrShortWrite
	}
	for done := 0; done < len(p); {
		sector, skip := (at+int64(done))/sectorAtom*sectorAtom, (at+int64(done))%sectorAtom
		if d.writes++; d.writes-1 == d.cut {
			return done, errPower
		}
		data := make([]byte, sectorAtom)
		if skip != 0 || len(p)-done < sectorAtom {
			d.ReadAt(data, sector)
		}
		done += copy(data[skip:], p[done:])
		if d.liar > 0 {
			sector %= d.liar
		}
		d.pending = append(d.pending, sectorWrite{sector, string(data)})
	}
	return len(p), nil
}

func (d *memory) Sync() error {
	if d.cut >= 0 && d.writes > d.cut {
		return errPower
	}
	d.settle(func(int) bool { return true })
	return nil
}

// settle lets some of the cached writes reach the platter, and forgets the rest.
func (d *memory) settle(reaches func(i int) bool) {
	for i, w := range d.pending {
		if reaches(i) {
			d.kept[w.at] = w.data
			if w.data == nothing {
				delete(d.kept, w.at)
			}
		}
	}
	d.pending = nil
}

func (d *memory) clone() *memory {
	c := *d
	c.kept, c.pending = maps.Clone(d.kept), append([]sectorWrite(nil), d.pending...)
	return &c
}
