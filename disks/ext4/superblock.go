package ext4

import (
	"bytes"
	"encoding/binary"
	"errors"
	"time"
)

// Features, by the names dumpe2fs gives them.
const (
	compatFeatures   = 0x4 | 0x8 | 0x20 | 0x200              // has_journal ext_attr dir_index sparse_super2
	incompatFeatures = 0x2 | 0x40 | 0x80                     // filetype extent 64bit
	readOnlyFeatures = 0x1 | 0x2 | 0x8 | 0x20 | 0x40 | 0x400 // sparse_super large_file huge_file dir_nlink extra_isize metadata_csum
	magic            = 0xEF53
	superblockOffset = 1024
	superblockSize   = 1024
	superblockSum    = 0x3FC
	firstInode       = 11
	journalInode     = 8
	rootInode        = 2
	foundInode       = firstInode
)

// fields writes and reads numbers at offsets of a structure on disk.
type fields []byte

func (f fields) u8(at int, v uint8)   { f[at] = v }
func (f fields) u16(at int, v uint16) { binary.LittleEndian.PutUint16(f[at:], v) }
func (f fields) u32(at int, v uint32) { binary.LittleEndian.PutUint32(f[at:], v) }
func (f fields) split(low, high int, v uint64) {
	f.u32(low, uint32(v))
	f.u32(high, uint32(v>>32))
}

// superblock is the one of a group: they differ in that number.
func (m maker) superblock(group uint32) []byte {
	l, f := m.layout, make(fields, superblockSize)
	f.u32(0x00, l.inodesPerGroup*l.groups)
	f.split(0x04, 0x150, l.blocks)
	f.split(0x0C, 0x158, l.freeBlocks())
	f.u32(0x10, l.inodesPerGroup*l.groups-firstInode)
	f.u32(0x18, 2) // log2 of the block size, less 10
	f.u32(0x1C, 2) // the same of a cluster
	f.u32(0x20, blocksPerGroup)
	f.u32(0x24, blocksPerGroup)
	f.u32(0x28, l.inodesPerGroup)
	f.u32(0x30, m.seconds)
	f.u16(0x36, 0xFFFF) // no check by number of mounts
	f.u16(0x38, magic)
	f.u16(0x3A, 1) // cleanly unmounted
	f.u16(0x3C, 2) // on errors remount read-only
	f.u32(0x40, m.seconds)
	f.u32(0x4C, 1) // dynamic revision
	f.u32(0x54, firstInode)
	f.u16(0x58, inodeSize)
	f.u16(0x5A, uint16(group))
	f.u32(0x5C, compatFeatures)
	f.u32(0x60, incompatFeatures)
	f.u32(0x64, readOnlyFeatures)
	copy(f[0x68:0x78], m.UUID[:])
	copy(f[0x78:0x88], m.Label)
	f.u32(0xE0, journalInode)
	copy(f[0xEC:0xFC], m.HashSeed[:])
	f.u8(0xFC, 1) // half MD4
	f.u8(0xFD, 1) // the journal's inode is copied below
	f.u16(0xFE, descriptorSize)
	f.u32(0x100, 0xC) // user_xattr, acl
	f.u32(0x108, m.seconds)
	m.copyJournalInode(f[0x10C:0x150])
	f.u16(0x15C, 32) // extra inode bytes, at least
	f.u16(0x15E, 32) // and wanted
	f.u32(0x160, 1)  // names are hashed as signed bytes, on every processor
	f.u8(0x175, 1)   // crc32c
	f.u32(0x24C, l.backups()[0])
	f.u32(0x250, l.backups()[1])
	f.u32(superblockSum, crc32c(^uint32(0), f[:superblockSum]))
	return f
}

// copyJournalInode keeps the journal's extents and size where e2fsck finds them
// when inode 8 is lost.
func (m maker) copyJournalInode(to fields) {
	copy(to, extents(m.layout.journalBlock(), m.layout.journalBlocks))
	size := uint64(m.layout.journalBlocks) * blockSize
	to.u32(60, uint32(size>>32))
	to.u32(64, uint32(size))
}

// Superblock is what a file system says of itself.
type Superblock struct {
	Label string
	UUID  [16]byte
	Size  int64     // bytes
	Made  time.Time // zero if not known
	// Sound tells that the checksum holds; without metadata_csum there is none
	// to hold.
	Sound bool
}

// errNoSuperblock means that there is no ext2, ext3 or ext4 here.
var errNoSuperblock = errors.New("no ext superblock")

// ParseSuperblock reads the 1024 bytes at offset 1024 of a disk or partition.
func ParseSuperblock(b []byte) (Superblock, error) {
	if len(b) < superblockSize || binary.LittleEndian.Uint16(b[0x38:]) != magic {
		return Superblock{}, errNoSuperblock
	}
	number := func(at int) uint32 { return binary.LittleEndian.Uint32(b[at:]) }
	label, _, _ := bytes.Cut(b[0x78:0x88], []byte{0})
	s := Superblock{Label: string(label), UUID: [16]byte(b[0x68:0x78])}
	logSize := number(0x18)
	blocks := uint64(number(0x150))<<32 | uint64(number(0x04))
	if logSize > 6 || blocks > 1<<50 {
		return Superblock{}, errNoSuperblock
	}
	s.Size = int64(blocks << (10 + logSize))
	if made := number(0x108); made != 0 {
		s.Made = time.Unix(int64(made), 0)
	}
	const metadataChecksum = 0x400
	s.Sound = number(0x64)&metadataChecksum != 0 && number(superblockSum) == crc32c(^uint32(0), b[:superblockSum])
	return s, nil
}
