package format

import (
	"bytes"
	"fmt"
	"io"

	"github.com/argss/argss/disks/ext4"
)

// Recognise says what is on a disk of size bytes. It only reads. An error means
// that the disk could not be read where it matters: it is then neither blank
// nor known.
func Recognise(r io.ReaderAt, size int64) (Finding, error) {
	if m, found, err := readMarker(r, size); err != nil {
		return Finding{}, err
	} else if found {
		return recogniseHalf(r, m)
	}
	if data, err := ourRegion(r, size); err != nil || data.Size > 0 {
		return Finding{Kind: Ours, Data: data}, err
	}
	what, err := name(r, size)
	if err != nil {
		return Finding{}, err
	}
	if what != "" {
		return foreign(what), nil
	}
	blank, err := zeroBut(r, size, nil)
	if err != nil {
		return Finding{}, err
	}
	if !blank {
		return foreign("data of a kind not known here"), nil
	}
	return Finding{Kind: Blank}, nil
}

// recogniseHalf believes a marker only if all else on the disk is its doing.
func recogniseHalf(r io.ReaderAt, m marker) (Finding, error) {
	c := &comparer{on: r}
	if m.torn {
		c.cover(m.region().Start, markerSize)
	} else if err := m.write(c); err != nil {
		return Finding{}, err
	}
	blank, err := zeroBut(r, m.Size, c.covered)
	if err != nil {
		return Finding{}, err
	}
	if c.foreign || !blank {
		return foreign("a half-prepared file system and something else"), nil
	}
	return Finding{Kind: Half}, nil
}

// ourRegion is where the file system of a disk prepared by this package lies,
// empty if there is none. The table may be its copy at the end of the disk.
func ourRegion(r io.ReaderAt, size int64) (Region, error) {
	for _, sector := range sectorSizes {
		t, err := readTable(r, size, sector)
		if err != nil {
			return Region{}, err
		}
		if t == nil || len(t.parts) != 1 || t.parts[0].name != Label {
			continue
		}
		data := t.region(0)
		if s, err := superblock(r, data); err != nil || s.Label == Label {
			return data, err
		}
	}
	return Region{}, nil
}

// superblock is that of a sound file system of ours in a region, empty if there
// is none.
func superblock(r io.ReaderAt, in Region) (ext4.Superblock, error) {
	if in.Size < ext4.MinSize {
		return ext4.Superblock{}, nil
	}
	b, err := read(r, in.Start+1024, 1024)
	if err != nil {
		return ext4.Superblock{}, err
	}
	s, err := ext4.ParseSuperblock(b)
	if err != nil || !s.Sound || s.Size > in.Size {
		return ext4.Superblock{}, nil
	}
	return s, nil
}

const (
	edge       = 16 << 20 // read at both ends of a disk
	whole      = 1 << 30  // disks up to this size are read from end to end
	samples    = 1000
	sampleSize = 64 << 10
)

// places are the parts of a disk that are read to call it blank.
func places(size int64) []Region {
	if size <= whole {
		return []Region{{0, size}}
	}
	list := []Region{{0, edge}, {size - edge, edge}}
	copies := append([]int64{64 << 20, 256 << 30}, extCopies...) // btrfs, ext
	for _, at := range copies {
		if at += 8 << 10; at <= size {
			list = append(list, Region{at - 8<<10, 8 << 10})
		}
	}
	for i := range int64(samples) {
		at := edge + (size-2*edge)/samples*i
		list = append(list, Region{at &^ 4095, sampleSize})
	}
	return list
}

// zeroBut tells whether all places of a disk are zero but for some regions.
func zeroBut(r io.ReaderAt, size int64, except []Region) (bool, error) {
	buffer := make([]byte, 1<<20)
	for _, p := range places(size) {
		for at := p.Start; at < p.Start+p.Size; at += int64(len(buffer)) {
			b := buffer[:min(int64(len(buffer)), p.Start+p.Size-at)]
			if err := readFull(r, b, at); err != nil {
				return false, err
			}
			clearRegions(b, at, except)
			if !zero(b) {
				return false, nil
			}
		}
	}
	return true, nil
}

// clearRegions blanks what of a buffer lies in any of the regions.
func clearRegions(b []byte, at int64, regions []Region) {
	for _, e := range regions {
		from, to := max(e.Start-at, 0), min(e.Start+e.Size-at, int64(len(b)))
		if from < to {
			clear(b[from:to])
		}
	}
}

func zero(b []byte) bool {
	return len(b) == 0 || b[0] == 0 && bytes.Equal(b[1:], b[:len(b)-1])
}

func read(r io.ReaderAt, at int64, length int) ([]byte, error) {
	b := make([]byte, length)
	return b, readFull(r, b, at)
}

func readFull(r io.ReaderAt, b []byte, at int64) error {
	if n, err := r.ReadAt(b, at); n < len(b) {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return fmt.Errorf("read disk at %d: %w", at, err)
	}
	return nil
}
