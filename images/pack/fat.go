package pack

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"slices"
	"time"
)

// The format is FAT32 as Microsoft's "FAT32 File System Specification" 1.03 has
// it: two equal tables, long names where a name is not plain 8.3 in capitals.
const (
	fatSector    = 512
	fatReserved  = 32 // sectors before the first table
	fatCopies    = 2
	fatRoot      = 2 // cluster of the root folder
	fatMedia     = 0x0FFFFFF8
	fatEnd       = 0x0FFFFFFF
	fatLeast     = 65525 // clusters; with fewer it would be read as FAT16
	fatInfo      = 1     // sector with the number of free clusters
	fatBackup    = 6     // sector with the copy of the first
	fatEntry     = 32
	fatLongChars = 13

	fatVolume    = 0x08
	fatDirectory = 0x10
	fatArchive   = 0x20
	fatLong      = 0x0F
)

// fat is a file system being written: clusters are given out one after the
// other, so that every file is in one piece.
type fat struct {
	out      io.WriterAt
	size     int64
	cluster  int64 // bytes in one
	perTable int64 // sectors in one table
	next     uint32
	table    []uint32
	stamp    []byte // time and date of every entry
}

// WriteFAT makes a FAT32 file system of size bytes. Modes and owners are not
// kept; links are refused.
func WriteFAT(out io.WriterAt, size int64, label string, tree Tree, when time.Time) error {
	all, err := tree.complete()
	if err != nil {
		return fmt.Errorf("write FAT: %w", err)
	}
	f, err := newFAT(out, size, when)
	if err != nil {
		return fmt.Errorf("write FAT: %w", err)
	}
	if _, err := f.writeFolder(all, "", 0, label); err != nil {
		return fmt.Errorf("write FAT: %w", err)
	}
	return f.finish(label)
}

func newFAT(out io.WriterAt, size int64, when time.Time) (*fat, error) {
	f := &fat{out: out, size: size, cluster: 4096, next: fatRoot, stamp: fatStamp(when)}
	for f.cluster > fatSector && f.size/f.cluster < 2*fatLeast {
		f.cluster /= 2
	}
	clusters := f.size/f.cluster + fatRoot // more than fit beside the tables
	f.perTable = roundUp(clusters*4, fatSector) / fatSector
	if f.clusters() < fatLeast {
		return nil, fmt.Errorf("%d bytes are too few for FAT32", size)
	}
	f.table = make([]uint32, f.clusters()+fatRoot)
	f.table[0], f.table[1] = fatMedia, fatEnd
	return f, nil
}

func (f *fat) dataStart() int64 { return (fatReserved + fatCopies*f.perTable) * fatSector }
func (f *fat) clusters() int64  { return (f.size - f.dataStart()) / f.cluster }

// fatStamp has time and date, two seconds a step. FAT's years begin with 1980.
func fatStamp(when time.Time) []byte {
	when = when.UTC()
	if when.Year() < 1980 {
		when = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	var b bytes.Buffer
	le(&b, uint16(when.Hour()<<11|when.Minute()<<5|when.Second()/2),
		uint16((when.Year()-1980)<<9|int(when.Month())<<5|when.Day()))
	return b.Bytes()
}

// take gives out the clusters for some bytes and chains them.
func (f *fat) take(size int64) (uint32, error) {
	n := uint32((size + f.cluster - 1) / f.cluster)
	first := f.next
	if int64(first)+int64(n) > int64(len(f.table)) {
		return 0, fmt.Errorf("%d bytes are too few for these files", f.size)
	}
	for i := range n {
		f.table[first+i] = first + i + 1
	}
	f.table[first+n-1] = fatEnd
	f.next += n
	return first, nil
}

func (f *fat) put(cluster uint32, b []byte) error {
	_, err := f.out.WriteAt(b, f.dataStart()+int64(cluster-fatRoot)*f.cluster)
	return err
}

// writeFolder writes a folder and all in it and returns its first cluster. The
// folder comes before its files, the root so onto the cluster it must have.
func (f *fat) writeFolder(all Tree, dir string, up uint32, label string) (uint32, error) {
	var in Tree
	length := 2 * fatEntry // "." and "..", or the label
	for _, c := range all {
		if c.Path != "" && parent(c.Path) == dir {
			in = append(in, c)
			length += fatEntry * (1 + len(longName(path.Base(c.Path))))
		}
	}
	own, err := f.take(int64(length))
	if err != nil {
		return 0, err
	}
	var list bytes.Buffer
	if dir == "" {
		f.entry(&list, fatName(label), fatVolume, 0, 0)
	} else {
		f.entry(&list, fatName("."), fatDirectory, own, 0)
		f.entry(&list, fatName(".."), fatDirectory, up, 0)
	}
	inside := own // as ".." of what is in it: 0 stands for the root
	if dir == "" {
		inside = 0
	}
	for i, c := range in {
		if err := f.writeEntry(&list, all, c, i, inside); err != nil {
			return 0, fmt.Errorf("%s: %w", c.Path, err)
		}
	}
	return own, f.put(own, list.Bytes())
}

func (f *fat) writeEntry(list *bytes.Buffer, all Tree, c File, number int, up uint32) error {
	var err error
	var first uint32
	var size int64
	attr := byte(fatArchive)
	switch {
	case c.Link != "":
		return fmt.Errorf("FAT has no links")
	case c.Dir:
		attr = fatDirectory
		first, err = f.writeFolder(all, c.Path, up, "")
	default:
		first, size, err = f.writeContent(c)
	}
	if err != nil {
		return err
	}
	base := path.Base(c.Path)
	short, long := fatName(base), longName(base)
	if len(long) > 0 {
		short = fatName(fmt.Sprintf("F~%d", number))
	}
	for i, part := range slices.Backward(long) {
		longEntry(list, part, byte(i+1), i == len(long)-1, checksum(short))
	}
	f.entry(list, short, attr, first, uint32(size))
	return nil
}

func (f *fat) writeContent(c File) (first uint32, size int64, err error) {
	in, size, err := c.open()
	if err != nil || size == 0 {
		return 0, 0, err
	}
	defer in.Close()
	if size >= 1<<32 {
		return 0, 0, fmt.Errorf("%d bytes are too many for FAT", size)
	}
	if first, err = f.take(size); err != nil {
		return 0, 0, err
	}
	content := make([]byte, size)
	if _, err := io.ReadFull(in, content); err != nil {
		return 0, 0, err
	}
	return first, size, f.put(first, content)
}

func (f *fat) entry(b *bytes.Buffer, name [11]byte, attr byte, cluster, size uint32) {
	le(b, name, attr, [2]byte{}, f.stamp, f.stamp[2:], uint16(cluster>>16), f.stamp, uint16(cluster), size)
}

// finish writes what is known only now: the tables, and the sectors that say
// how large everything is.
func (f *fat) finish(label string) error {
	var table bytes.Buffer
	le(&table, f.table[:f.next])
	for i := range int64(fatCopies) {
		if _, err := f.out.WriteAt(table.Bytes(), (fatReserved+i*f.perTable)*fatSector); err != nil {
			return err
		}
	}
	boot, info := f.bootSector(label), f.infoSector()
	for _, at := range []int64{0, fatBackup} {
		if _, err := f.out.WriteAt(boot, at*fatSector); err != nil {
			return err
		}
		if _, err := f.out.WriteAt(info, (at+fatInfo)*fatSector); err != nil {
			return err
		}
	}
	return nil
}

func (f *fat) bootSector(label string) []byte {
	var b bytes.Buffer
	le(&b, [3]byte{0xEB, 0x58, 0x90}, []byte("ARGSS   "),
		uint16(fatSector), byte(f.cluster/fatSector), uint16(fatReserved), byte(fatCopies),
		uint16(0), uint16(0), byte(0xF8), uint16(0), // no FAT16 root, no FAT16 sizes, fixed disk
		uint16(63), uint16(255), uint32(0), // geometry nobody uses, hidden sectors
		uint32(f.size/fatSector), uint32(f.perTable), uint16(0), uint16(0),
		uint32(fatRoot), uint16(fatInfo), uint16(fatBackup), [12]byte{},
		byte(0x80), byte(0), byte(0x29), uint32(0xA4655000), fatName(label), []byte("FAT32   "))
	return signed(b)
}

func (f *fat) infoSector() []byte {
	var b bytes.Buffer
	le(&b, uint32(0x41615252), [480]byte{}, uint32(0x61417272),
		uint32(len(f.table))-f.next, f.next)
	return signed(b)
}

// signed fills a sector up and ends it with what makes it one.
func signed(b bytes.Buffer) []byte {
	sector := make([]byte, fatSector)
	copy(sector, b.Bytes())
	sector[510], sector[511] = 0x55, 0xAA
	return sector
}
