package ext4

import (
	"fmt"
	"io"
	"time"
)

// Options name a new file system. The same options and size give the same bytes.
type Options struct {
	Label    string // at most 16 bytes
	UUID     [16]byte
	HashSeed [16]byte // secret of the folders' hash trees
	Time     time.Time
}

type maker struct {
	Options
	layout  layout
	seconds uint32 // Time, as the format has it
	seed    uint32 // of the checksums
}

// Make writes an empty file system of at most size bytes to w, whose first byte
// is the file system's. Nothing need be zero before. The first 1024 bytes are
// not touched: they are the boot block's.
//
// The superblock of group 0 comes last, so that an interrupted Make is no file
// system; the caller syncs, before and after.
func Make(w io.WriterAt, size int64, o Options) error {
	if len(o.Label) > 16 {
		return fmt.Errorf("label %q is longer than 16 bytes", o.Label)
	}
	l, err := plan(size)
	if err != nil {
		return err
	}
	m := maker{o, l, uint32(o.Time.Unix()), crc32c(^uint32(0), o.UUID[:])}
	out := &writer{to: w}
	m.writeFirstGroup(out)
	m.writeLastBitmap(out)
	m.writeDescriptors(out)
	return out.err
}

// writeFirstGroup writes everything of group 0 but superblock and descriptors.
func (m maker) writeFirstGroup(out *writer) {
	tables := m.layout.tables(0)
	out.write(tables, m.blockBitmap(0))
	out.write(tables+1, m.inodeBitmap())
	out.write(tables+2, m.inodeTable())
	out.zero(tables+3, m.layout.inodeTableBlocks()-1)
	out.write(m.layout.rootBlock(), m.folders())
	out.write(m.layout.journalBlock(), m.journal())
	out.zero(m.layout.journalBlock()+1, m.layout.journalBlocks-1)
}

func (m maker) writeLastBitmap(out *writer) {
	if last := m.layout.groups - 1; last > 0 {
		out.write(m.layout.tables(last), m.blockBitmap(last))
	}
}

// writeDescriptors writes descriptors and superblocks, the copies first.
func (m maker) writeDescriptors(out *writer) {
	table := m.descriptors()
	backups := m.layout.backups()
	for _, group := range []uint32{backups[1], backups[0]} {
		if group != 0 {
			out.write(m.layout.groupStart(group)+1, table)
			out.write(m.layout.groupStart(group), append(m.superblock(group), make([]byte, blockSize-superblockSize)...))
		}
	}
	out.write(1, table)
	out.writeAt(superblockOffset, append(m.superblock(0), make([]byte, blockSize-superblockOffset-superblockSize)...))
}

// journal is its first block: a version 2 superblock of an empty journal, big
// endian as jbd2 has it.
func (m maker) journal() []byte {
	b := make([]byte, blockSize)
	for i, v := range []uint32{
		0xC03B3998, 4, 0, // magic, superblock version 2
		blockSize, m.layout.journalBlocks, 1, // first block of the log
		1, 0, // first commit; start 0 means that there is nothing to replay
	} {
		b[4*i], b[4*i+1], b[4*i+2], b[4*i+3] = byte(v>>24), byte(v>>16), byte(v>>8), byte(v)
	}
	copy(b[0x30:], m.UUID[:])
	b[0x43] = 1 // users
	return b
}

// writer writes blocks and remembers the first error.
type writer struct {
	to  io.WriterAt
	err error
}

func (w *writer) writeAt(offset int64, data []byte) {
	if w.err != nil {
		return
	}
	if _, err := w.to.WriteAt(data, offset); err != nil {
		w.err = fmt.Errorf("write file system at %d: %w", offset, err)
	}
}

func (w *writer) write(block uint64, data []byte) { w.writeAt(int64(block)*blockSize, data) }

var zeros [1 << 20]byte

func (w *writer) zero(block uint64, count uint32) {
	for left := int64(count) * blockSize; left > 0; {
		n := min(left, int64(len(zeros)))
		w.writeAt(int64(block)*blockSize+int64(count)*blockSize-left, zeros[:n])
		left -= n
	}
}
