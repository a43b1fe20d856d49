package ext4

import "fmt"

const (
	blockSize      = 4096
	blocksPerGroup = 8 * blockSize // as many as one block of bitmap covers
	inodeSize      = 256
	inodesPerBlock = blockSize / inodeSize
	descriptorSize = 64
)

// MinSize is the smallest file system: room for a small journal and some data.
// MaxSize keeps all descriptors and the journal within group 0; no disk comes
// near it.
const (
	MinSize = 16 << 20
	MaxSize = 100 << 40
)

// layout is where everything lies, in blocks from the start.
type layout struct {
	blocks           uint64 // of the whole file system
	groups           uint32
	descriptorBlocks uint32 // of the group descriptor table
	inodesPerGroup   uint32
	journalBlocks    uint32
}

// plan lays out a file system on size bytes. A last group too small for its own
// tables is left out, as mke2fs does.
func plan(size int64) (layout, error) {
	if size < MinSize || size > MaxSize {
		return layout{}, fmt.Errorf("a file system of %d bytes is not between %d and %d", size, int64(MinSize), int64(MaxSize))
	}
	l := layout{
		blocks:         uint64(size) / blockSize,
		inodesPerGroup: blocksPerGroup * blockSize / bytesPerInode(size),
		journalBlocks:  journalBlocks(size),
	}
	for {
		l.groups = uint32((l.blocks + blocksPerGroup - 1) / blocksPerGroup)
		l.descriptorBlocks = (l.groups*descriptorSize + blockSize - 1) / blockSize
		last := l.groups - 1
		const some = 50 // blocks of data that make a group worth having
		if last == 0 || l.groupBlocks(last) >= l.overhead(last)+some {
			return l, nil
		}
		l.blocks = uint64(last) * blocksPerGroup
	}
}

// bytesPerInode is how much disk there is for each inode. Files on a box are
// seldom small, and the tables of a large disk are work for the kernel.
func bytesPerInode(size int64) uint32 {
	if size > 1<<40 {
		return 64 << 10
	}
	return 16 << 10
}

// journalBlocks is the journal's length: at most 64 MiB, which is plenty for
// one program that syncs in batches, and lies within group 0.
func journalBlocks(size int64) uint32 {
	switch {
	case size < 128<<20:
		return 1024 // the least the kernel takes
	case size < 1<<30:
		return 4096
	default:
		return 16384
	}
}

func (l layout) inodeTableBlocks() uint32 { return l.inodesPerGroup / inodesPerBlock }

func (l layout) groupStart(group uint32) uint64 { return uint64(group) * blocksPerGroup }

func (l layout) groupBlocks(group uint32) uint32 {
	return uint32(min(blocksPerGroup, l.blocks-l.groupStart(group)))
}

// backups are the groups with a copy of the superblock, besides the first.
// Zero stands for none.
func (l layout) backups() [2]uint32 {
	switch l.groups {
	case 1:
		return [2]uint32{}
	case 2:
		return [2]uint32{1, 0}
	default:
		return [2]uint32{1, l.groups - 1}
	}
}

func (l layout) hasSuperblock(group uint32) bool {
	b := l.backups()
	return group == 0 || group == b[0] || group == b[1]
}

// tables is the first block behind the superblock and descriptors, if the group
// has them: there lie block bitmap, inode bitmap, inode table.
func (l layout) tables(group uint32) uint64 {
	start := l.groupStart(group)
	if l.hasSuperblock(group) {
		start += 1 + uint64(l.descriptorBlocks)
	}
	return start
}

// overhead counts the blocks that a group's own tables take.
func (l layout) overhead(group uint32) uint32 {
	return uint32(l.tables(group)-l.groupStart(group)) + 2 + l.inodeTableBlocks()
}

// What lies behind the tables of group 0.
const (
	rootBlocks  = 1
	foundBlocks = 4 // lost+found has room before it is needed
)

func (l layout) rootBlock() uint64    { return uint64(l.overhead(0)) }
func (l layout) foundBlock() uint64   { return l.rootBlock() + rootBlocks }
func (l layout) journalBlock() uint64 { return l.foundBlock() + foundBlocks }

// used counts the blocks in use in a new file system.
func (l layout) used(group uint32) uint32 {
	if group == 0 {
		return uint32(l.journalBlock()) + l.journalBlocks
	}
	return l.overhead(group)
}

func (l layout) freeBlocks() uint64 {
	free := l.blocks
	backups := l.backups()
	plain := uint64(l.groups - 1)
	free -= uint64(l.used(0))
	for _, b := range backups {
		if b != 0 {
			free -= uint64(l.used(b))
			plain--
		}
	}
	return free - plain*uint64(2+l.inodeTableBlocks())
}
