package ext4

// Flags of a group: what the kernel has to make up.
const (
	inodesUninitialised = 1
	blocksUninitialised = 2
	inodesZeroed        = 4
)

// descriptors is the group descriptor table.
func (m maker) descriptors() []byte {
	table := make([]byte, m.layout.descriptorBlocks*blockSize)
	for group := range m.layout.groups {
		m.describe(table[group*descriptorSize:][:descriptorSize], group)
	}
	return table
}

func (m maker) describe(f fields, group uint32) {
	l := m.layout
	tables := l.tables(group)
	f.split(0x00, 0x20, tables)
	f.split(0x04, 0x24, tables+1)
	f.split(0x08, 0x28, tables+2)
	f.u16(0x0C, uint16(l.groupBlocks(group)-l.used(group)))
	free := l.inodesPerGroup
	flags := uint16(inodesUninitialised | blocksUninitialised)
	if group == l.groups-1 {
		flags &^= blocksUninitialised
	}
	if group == 0 {
		free -= firstInode
		flags = inodesZeroed
		f.u16(0x10, 2) // folders
		sum := crc32c(m.seed, m.inodeBitmap()[:l.inodesPerGroup/8])
		f.u16(0x1A, uint16(sum))
		f.u16(0x3A, uint16(sum>>16))
	}
	f.u16(0x0E, uint16(free))
	f.u16(0x1C, uint16(free)) // of these, never used
	f.u16(0x12, flags)
	if flags&blocksUninitialised == 0 {
		sum := crc32c(m.seed, m.blockBitmap(group))
		f.u16(0x18, uint16(sum))
		f.u16(0x38, uint16(sum>>16))
	}
	f.u16(0x1E, uint16(crc32c(crc32cNumbers(m.seed, group), f)))
}

// blockBitmap has a bit for each block of a group, set where used and behind
// the end of the disk.
func (m maker) blockBitmap(group uint32) []byte {
	bitmap := make([]byte, blockSize)
	fill(bitmap, 0, m.layout.used(group))
	fill(bitmap, m.layout.groupBlocks(group), blocksPerGroup)
	return bitmap
}

// inodeBitmap is that of group 0, the only one with inodes in use. Bits behind
// the last inode are set.
func (m maker) inodeBitmap() []byte {
	bitmap := make([]byte, blockSize)
	fill(bitmap, 0, firstInode)
	fill(bitmap, m.layout.inodesPerGroup, 8*blockSize)
	return bitmap
}

func fill(bitmap []byte, from, to uint32) {
	for ; from < to && from%8 != 0; from++ {
		bitmap[from/8] |= 1 << (from % 8)
	}
	for ; from+8 <= to; from += 8 {
		bitmap[from/8] = 0xFF
	}
	for ; from < to; from++ {
		bitmap[from/8] |= 1 << (from % 8)
	}
}
