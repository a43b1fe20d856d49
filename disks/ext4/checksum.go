package ext4

import (
	"encoding/binary"
	"hash/crc32"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// crc32c continues a checksum the way the kernel does: without the inversions
// at both ends that Go's package adds.
func crc32c(crc uint32, data []byte) uint32 {
	return ^crc32.Update(^crc, castagnoli, data)
}

// crc32cNumbers continues a checksum over little-endian numbers, the inode
// numbers and generations that tie a block to its owner.
func crc32cNumbers(crc uint32, numbers ...uint32) uint32 {
	for _, n := range numbers {
		crc = crc32c(crc, binary.LittleEndian.AppendUint32(nil, n))
	}
	return crc
}
