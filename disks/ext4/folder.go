package ext4

const (
	entryHead = 8
	entryTail = 12 // the checksum at the end of each block, dressed as an entry
	isFolder  = 2
)

type entry struct {
	inode uint32
	name  string
}

// folderBlock is one block of a folder's entries. The last one takes the room
// that is left, as the format wants.
func (m maker) folderBlock(owner uint32, entries ...entry) []byte {
	f := make(fields, blockSize)
	if len(entries) == 0 {
		f.u16(4, blockSize-entryTail) // one unused entry
	}
	at := 0
	for i, e := range entries {
		length := (entryHead + len(e.name) + 3) &^ 3
		if i == len(entries)-1 {
			length = blockSize - entryTail - at
		}
		f.u32(at, e.inode)
		f.u16(at+4, uint16(length))
		f.u8(at+6, uint8(len(e.name)))
		f.u8(at+7, isFolder)
		copy(f[at+entryHead:], e.name)
		at += length
	}
	tail := blockSize - entryTail
	f.u16(tail+4, entryTail)
	f.u8(tail+7, 0xDE)
	f.u32(tail+8, crc32c(crc32cNumbers(m.seed, owner, 0), f[:tail]))
	return f
}

// folders are the root's block and those of lost+found, which follow it.
func (m maker) folders() []byte {
	blocks := m.folderBlock(rootInode, entry{rootInode, "."}, entry{rootInode, ".."}, entry{foundInode, "lost+found"})
	blocks = append(blocks, m.folderBlock(foundInode, entry{foundInode, "."}, entry{rootInode, ".."})...)
	for range foundBlocks - 1 {
		blocks = append(blocks, m.folderBlock(foundInode)...)
	}
	return blocks
}
