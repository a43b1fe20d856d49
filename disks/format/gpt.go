package format

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"unicode/utf16"
)

// A GPT as the UEFI specification 2.10 has it in chapter 5: a protective MBR,
// a header, 128 entries of 128 bytes; the same at the end in reverse order.

var sectorSizes = []int64{512, 4096}

const (
	entrySize  = 128
	entryCount = 128
	headerSize = 92
)

// linuxData is the type of a partition with Linux data,
// 0FC63DAF-8483-4772-8E79-3D69D8477DE4, in the mixed order GPT has.
var linuxData = [16]byte{0xAF, 0x3D, 0xC6, 0x0F, 0x83, 0x84, 0x72, 0x47, 0x8E, 0x79, 0x3D, 0x69, 0xD8, 0x47, 0x7D, 0xE4}

type partition struct {
	row         int // in the table, from 0
	kind, id    [16]byte
	first, last int64 // sectors
	flags       uint64
	name        string
}

type table struct {
	size, sector int64
	id           [16]byte
	parts        []partition
}

func geometry(size, sector int64) bool {
	return (sector == 512 || sector == 4096) && size%sector == 0 && size >= MinSize
}

func tableSectors(sector int64) int64 { return entryCount * entrySize / sector }

func (t *table) lastSector() int64 { return t.size/t.sector - 1 }

func (t *table) region(i int) Region {
	p := t.parts[i]
	return Region{p.first * t.sector, (p.last - p.first + 1) * t.sector}
}

// entries is the array of partitions.
func (t *table) entries() []byte {
	b := make([]byte, entryCount*entrySize)
	for _, p := range t.parts {
		e := b[p.row*entrySize:]
		copy(e[0:], p.kind[:])
		copy(e[16:], p.id[:])
		binary.LittleEndian.PutUint64(e[32:], uint64(p.first))
		binary.LittleEndian.PutUint64(e[40:], uint64(p.last))
		binary.LittleEndian.PutUint64(e[48:], p.flags)
		for i, unit := range utf16.Encode([]rune(p.name)) {
			if i < 36 {
				binary.LittleEndian.PutUint16(e[56+2*i:], unit)
			}
		}
	}
	return b
}

// header is that in sector self, with its entries in a sector and its copy in
// another.
func (t *table) header(self, entries, other int64) []byte {
	b := make([]byte, t.sector)
	copy(b, "EFI PART\x00\x00\x01\x00")
	binary.LittleEndian.PutUint32(b[12:], headerSize)
	binary.LittleEndian.PutUint64(b[24:], uint64(self))
	binary.LittleEndian.PutUint64(b[32:], uint64(other))
	binary.LittleEndian.PutUint64(b[40:], alignment/uint64(t.sector))
	binary.LittleEndian.PutUint64(b[48:], uint64(t.lastSector()-tableSectors(t.sector)-1))
	copy(b[56:], t.id[:])
	binary.LittleEndian.PutUint64(b[72:], uint64(entries))
	binary.LittleEndian.PutUint32(b[80:], entryCount)
	binary.LittleEndian.PutUint32(b[84:], entrySize)
	binary.LittleEndian.PutUint32(b[88:], crc32.ChecksumIEEE(t.entries()))
	binary.LittleEndian.PutUint32(b[16:], crc32.ChecksumIEEE(b[:headerSize]))
	return b
}

// protective is the MBR that shows old programs a full disk.
func (t *table) protective() []byte {
	b := make([]byte, t.sector)
	copy(b[446:], []byte{0, 0, 2, 0, 0xEE, 0xFF, 0xFF, 0xFF})
	binary.LittleEndian.PutUint32(b[454:], 1)
	binary.LittleEndian.PutUint32(b[458:], uint32(min(t.lastSector(), 0xFFFFFFFF)))
	b[510], b[511] = 0x55, 0xAA
	return b
}

// write writes the whole table.
func (t *table) write(w io.WriterAt) error {
	if err := t.writeCopy(w); err != nil {
		return err
	}
	start := append(t.protective(), t.header(1, 2, t.lastSector())...)
	_, err := w.WriteAt(append(start, t.entries()...), 0)
	return err
}

// writeCopy writes what lies at the end of the disk.
func (t *table) writeCopy(w io.WriterAt) error {
	entries := t.lastSector() - tableSectors(t.sector)
	end := append(t.entries(), t.header(t.lastSector(), entries, 1)...)
	_, err := w.WriteAt(end, entries*t.sector)
	return err
}

// readTable reads the table, or its copy if that is damaged; nil if there is
// neither.
func readTable(r io.ReaderAt, size, sector int64) (*table, error) {
	if !geometry(size, sector) {
		return nil, nil
	}
	for _, at := range []int64{1, size/sector - 1} {
		if t, err := readTableAt(r, size, sector, at); t != nil || err != nil {
			return t, err
		}
	}
	return nil, nil
}

func readTableAt(r io.ReaderAt, size, sector, at int64) (*table, error) {
	h, err := read(r, at*sector, headerSize)
	if err != nil {
		return nil, err
	}
	number := func(at int) int64 { return int64(binary.LittleEndian.Uint64(h[at:])) }
	sum := binary.LittleEndian.Uint32(h[16:])
	clear(h[16:20])
	entries := number(72)
	ours := string(h[:8]) == "EFI PART" && binary.LittleEndian.Uint32(h[12:]) == headerSize && sum == crc32.ChecksumIEEE(h) &&
		binary.LittleEndian.Uint32(h[80:]) == entryCount && binary.LittleEndian.Uint32(h[84:]) == entrySize &&
		number(24) == at && entries >= 2 && entries <= size/sector-1-tableSectors(sector)
	if !ours { // none, damaged, or a shape that this package never writes
		return nil, nil
	}
	b, err := read(r, entries*sector, entryCount*entrySize)
	if err != nil || crc32.ChecksumIEEE(b) != binary.LittleEndian.Uint32(h[88:]) {
		return nil, err
	}
	t := &table{size: size, sector: sector, id: [16]byte(h[56:72])}
	for row := range entryCount {
		p := parsePartition(b[row*entrySize:][:entrySize], row)
		switch {
		case p.kind == [16]byte{}:
		case p.first < 1 || p.last < p.first || p.last >= size/sector:
			return nil, nil
		default:
			t.parts = append(t.parts, p)
		}
	}
	return t, nil
}

func parsePartition(b []byte, row int) partition {
	p := partition{
		row: row, kind: [16]byte(b[0:16]), id: [16]byte(b[16:32]),
		first: int64(binary.LittleEndian.Uint64(b[32:])), last: int64(binary.LittleEndian.Uint64(b[40:])),
		flags: binary.LittleEndian.Uint64(b[48:]),
	}
	var units []uint16
	for at := 56; at < entrySize; at += 2 {
		if unit := binary.LittleEndian.Uint16(b[at:]); unit != 0 {
			units = append(units, unit)
		} else {
			break
		}
	}
	p.name = string(utf16.Decode(units))
	return p
}
