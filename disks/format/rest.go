package format

import (
	"fmt"
	"io"
	"time"
)

// PrepareRest gives the last partition of a box's own disk, which must have
// this name, all the room behind it, and makes a file system in it. The image
// that was written to the disk left it small and zero.
//
// It does nothing to a file system that is there, and refuses a partition that
// holds anything else: that is data with a damaged beginning.
//
// The table changes in two atomic steps (see grow), for the box boots from it.
// The kernel must be told of the new size (Device.Resized).
func PrepareRest(d Disk, s Shape, name string, id [16]byte, now time.Time) (Region, error) {
	in, err := grow(d, s, name)
	if err != nil {
		return Region{}, fmt.Errorf("prepare partition %s: %w", name, err)
	}
	m := marker{ID: id, Time: now.Unix(), Size: s.Size, Sector: s.Sector}
	begun, blank, err := beginning(d, in, s.Size)
	if err != nil {
		return Region{}, fmt.Errorf("prepare partition %s: %w", name, err)
	}
	switch {
	case begun != nil && !begun.torn:
		m = *begun
	case begun != nil, blank:
	default:
		if sb, err := superblock(d, in); err != nil || sb.Label == Label {
			return in, err
		}
		return Region{}, &Refused{foreign("a file system with a damaged beginning")}
	}
	err = m.prepare(d, in, func(w io.WriterAt) error { return m.writeRest(w, in) })
	if err != nil {
		return Region{}, fmt.Errorf("prepare partition %s: %w", name, err)
	}
	return in, nil
}

// beginning reads the first MiB of a partition: a marker, or zeros, or neither.
func beginning(r io.ReaderAt, in Region, size int64) (*marker, bool, error) {
	b, err := read(r, in.Start, alignment)
	if err != nil {
		return nil, false, err
	}
	if m, found := parseMarker(b[:markerSize], size); found {
		return &m, false, nil
	}
	return nil, zero(b), nil
}

// writeRest also clears the partition's end, where a disk that had another life
// may still show its old name.
func (m marker) writeRest(w io.WriterAt, in Region) error {
	if _, err := w.WriteAt(m.bytes(), in.Start); err != nil {
		return err
	}
	if _, err := w.WriteAt(make([]byte, alignment), in.Start+in.Size-alignment); err != nil {
		return err
	}
	return m.writeFileSystem(w, in)
}

// grow lets the last partition reach the end of the disk.
//
// A header and its entries are checked together but written apart, and the
// kernel looks at no copy: cut between the two, the box would not boot again.
// So new entries go to an unused place first, then the header points there in
// one sector; then the same again, back to the usual place.
func grow(d Disk, s Shape, name string) (Region, error) {
	t, err := readTable(d, s.Size, s.Sector)
	if err != nil {
		return Region{}, err
	}
	if t == nil || len(t.parts) == 0 {
		return Region{}, fmt.Errorf("no partition table")
	}
	last := 0
	for i, p := range t.parts {
		if p.last > t.parts[last].last {
			last = i
		}
	}
	p := &t.parts[last]
	if p.name != name {
		return Region{}, fmt.Errorf("the last partition is %q", p.name)
	}
	m := marker{Size: s.Size, Sector: s.Sector}.region()
	end := max(p.last, (m.Start+m.Size)/s.Sector-1)
	if settled, err := t.settled(d); err != nil || settled && end == p.last {
		return t.region(last), err
	}
	p.last = end
	return t.region(last), t.replace(d)
}

// settled tells that both headers are at their places and true.
func (t *table) settled(r io.ReaderAt) (bool, error) {
	check := &comparer{on: r, exact: true}
	for _, h := range [][2]int64{{1, 2}, {t.lastSector(), t.lastSector() - tableSectors(t.sector)}} {
		b := t.header(h[0], h[1], t.lastSector()+1-h[0])
		if _, err := check.WriteAt(b[:headerSize], h[0]*t.sector); err != nil {
			return false, err
		}
		if _, err := check.WriteAt(t.entries(), h[1]*t.sector); err != nil {
			return false, err
		}
	}
	return !check.foreign, nil
}

// replace writes the table over an older one, whole at every moment.
func (t *table) replace(d Disk) error {
	if err := t.writeCopy(d); err != nil {
		return err
	}
	for _, place := range []int64{2 + 2*tableSectors(t.sector), 2} {
		for _, step := range []struct {
			data []byte
			at   int64
		}{{t.entries(), place}, {t.header(1, place, t.lastSector()), 1}} {
			if _, err := d.WriteAt(step.data, step.at*t.sector); err != nil {
				return err
			}
			if err := d.Sync(); err != nil {
				return err
			}
		}
	}
	return nil
}
