package format

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"time"

	"github.com/argss/argss/disks/ext4"
)

// Label names the partition and the file system of a prepared disk.
const Label = "argss-data"

const (
	alignment   = 1 << 20
	markerSize  = sectorAtom
	markerMagic = "ARGSS-FORMAT-1\n"
)

// marker is the plan of a disk under preparation, as its package comment
// describes it.
type marker struct {
	ID     [16]byte
	Time   int64
	Size   int64
	Sector int64
	torn   bool // cut off while it was written
}

func (m marker) lines() []byte {
	return fmt.Appendf(nil, "%sid=%x\ntime=%d\nsize=%d\nsector=%d\n", markerMagic, m.ID, m.Time, m.Size, m.Sector)
}

func (m marker) bytes() []byte {
	lines := m.lines()
	return append(fmt.Appendf(lines, "sum=%08x\n", crc32.ChecksumIEEE(lines)), make([]byte, markerSize)...)[:markerSize]
}

// parseMarker reads a sector. What begins like a marker and is none, is torn.
func parseMarker(b []byte, size int64) (m marker, found bool) {
	if !bytes.HasPrefix(b, []byte(markerMagic)) {
		return marker{}, false
	}
	var id string
	_, err := fmt.Sscanf(string(b[len(markerMagic):]), "id=%32s\ntime=%d\nsize=%d\nsector=%d\n", &id, &m.Time, &m.Size, &m.Sector)
	n, hexErr := hex.Decode(m.ID[:], []byte(id))
	if err != nil || hexErr != nil || n != len(m.ID) || !bytes.Equal(m.bytes(), b[:markerSize]) || m.Size != size || !geometry(m.Size, m.Sector) {
		return marker{Size: size, torn: true}, true
	}
	return m, true
}

// readMarker finds the marker of a whole disk.
func readMarker(r io.ReaderAt, size int64) (marker, bool, error) {
	if size < alignment+markerSize {
		return marker{}, false, nil
	}
	b, err := read(r, alignment, markerSize)
	if err != nil {
		return marker{}, false, err
	}
	m, found := parseMarker(b, size)
	return m, found, nil
}

// region is the whole disk's one partition.
func (m marker) region() Region {
	end := m.Size - (tableSectors(m.Sector)+1)*m.Sector // the table's copy lies behind
	return Region{alignment, end&^(alignment-1) - alignment}
}

// derive makes an identifier of a purpose from the marker's.
func (m marker) derive(purpose string) [16]byte {
	sum := sha256.Sum256(append(m.ID[:], purpose...))
	id := [16]byte(sum[:16])
	id[6], id[8] = id[6]&0x0F|0x40, id[8]&0x3F|0x80 // as RFC 9562 wants a random one
	return id
}

// table is the partition table that the disk gets.
func (m marker) table() *table {
	data := m.region()
	return &table{
		size: m.Size, sector: m.Sector, id: m.derive("disk"),
		parts: []partition{{kind: linuxData, id: m.derive("partition"), name: Label,
			first: data.Start / m.Sector, last: (data.Start+data.Size)/m.Sector - 1}},
	}
}

// write writes all that a prepared disk has, the marker included.
func (m marker) write(w io.WriterAt) error {
	data := m.region()
	if _, err := w.WriteAt(m.bytes(), data.Start); err != nil {
		return err
	}
	if err := m.writeFileSystem(w, data); err != nil {
		return err
	}
	return m.table().write(w)
}

func (m marker) writeFileSystem(w io.WriterAt, in Region) error {
	return ext4.Make(io.NewOffsetWriter(w, in.Start), in.Size, ext4.Options{
		Label:    Label,
		UUID:     m.derive("file system"),
		HashSeed: m.derive("folders"),
		Time:     time.Unix(m.Time, 0),
	})
}
