package ext4

// extents is an inode's block map: one run, which is all a new file needs.
func extents(first uint64, blocks uint32) []byte {
	f := make(fields, 60)
	f.u16(0, 0xF30A)
	f.u16(2, 1) // entries
	f.u16(4, 4) // room for entries
	f.u16(16, uint16(blocks))
	f.u16(18, uint16(first>>32))
	f.u32(20, uint32(first))
	return f
}

// inode is one of the three that a new file system has.
type inode struct {
	number uint32
	mode   uint16
	links  uint16
	first  uint64
	blocks uint32
}

func (m maker) inode(i inode) []byte {
	f := make(fields, inodeSize)
	f.u16(0x00, i.mode)
	f.split(0x04, 0x6C, uint64(i.blocks)*blockSize)
	for _, at := range []int{0x08, 0x0C, 0x10, 0x90} { // access, change, modification, birth
		f.u32(at, m.seconds)
	}
	f.u16(0x1A, i.links)
	f.u32(0x1C, i.blocks*(blockSize/512))
	const hasExtents = 0x80000
	f.u32(0x20, hasExtents)
	copy(f[0x28:], extents(i.first, i.blocks))
	f.u16(0x80, 32) // extra bytes in use
	sum := crc32c(crc32cNumbers(m.seed, i.number, 0), f)
	f.u16(0x7C, uint16(sum))
	f.u16(0x82, uint16(sum>>16))
	return f
}

// inodeTable is the start of group 0's: the reserved ones and lost+found.
func (m maker) inodeTable() []byte {
	const folder, file = 0o040000, 0o100000
	table := make([]byte, blockSize)
	for _, i := range []inode{
		{rootInode, folder | 0o755, 3, m.layout.rootBlock(), rootBlocks},
		{journalInode, file | 0o600, 1, m.layout.journalBlock(), m.layout.journalBlocks},
		{foundInode, folder | 0o700, 2, m.layout.foundBlock(), foundBlocks},
	} {
		copy(table[(i.number-1)*inodeSize:], m.inode(i))
	}
	return table
}
