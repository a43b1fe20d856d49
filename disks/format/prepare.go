package format

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/argss/argss/disks/ext4"
)

// Disk is a disk that can be prepared. A read after Sync should come from the
// disk itself.
type Disk interface {
	io.ReaderAt
	io.WriterAt
	Sync() error
}

// Shape is what a disk says of itself, in bytes.
type Shape struct {
	Size   int64
	Sector int64 // logical sector, 512 or 4096
}

// MinSize is the smallest disk that can be prepared.
const MinSize = ext4.MinSize + 2*alignment

// Prepare makes a blank disk ready and returns where its file system lies. It
// ends an interrupted Prepare, leaves a prepared disk as it is, and returns
// *Refused for any other. The id must be random; now is recorded on the disk.
//
// The disk must not be in use. What a lying disk does not keep is an error.
func Prepare(d Disk, s Shape, id [16]byte, now time.Time) (Region, error) {
	if !geometry(s.Size, s.Sector) {
		return Region{}, fmt.Errorf("prepare disk: %d bytes in sectors of %d: a disk here has at least %d", s.Size, s.Sector, int64(MinSize))
	}
	found, err := Recognise(d, s.Size)
	if err != nil {
		return Region{}, fmt.Errorf("prepare disk: %w", err)
	}
	m := marker{ID: id, Time: now.Unix(), Size: s.Size, Sector: s.Sector}
	switch found.Kind {
	case Ours:
		return found.Data, nil
	case Half:
		if begun, _, err := readMarker(d, s.Size); err == nil && !begun.torn {
			m = begun
		}
	case Blank:
	default:
		return Region{}, &Refused{found}
	}
	if err := m.prepare(d, m.region(), m.write); err != nil {
		return Region{}, fmt.Errorf("prepare disk: %w", err)
	}
	return m.region(), nil
}

// errNotKept means that a disk reads back something else than was written.
var errNotKept = errors.New("the disk does not keep what is written to it; do not use it")

// prepare does the writes under the protection of the marker.
func (m marker) prepare(d Disk, in Region, write func(io.WriterAt) error) error {
	if _, err := d.WriteAt(m.bytes(), in.Start); err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		return err
	}
	if err := write(d); err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		return err
	}
	check := &comparer{on: d, exact: true}
	if err := write(check); err != nil {
		return err
	}
	if check.foreign {
		return errNotKept
	}
	if _, err := d.WriteAt(make([]byte, markerSize), in.Start); err != nil {
		return err
	}
	return d.Sync()
}
