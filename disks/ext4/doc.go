// Package ext4 makes an ext4 file system on a disk of any size, in Go, in the
// time it takes to write its journal.
//
// A box has no mke2fs, and the library that could do it writes every bitmap and
// inode table: eight seconds for four gigabytes, hours for a real disk. This
// package writes only what the kernel cannot make up for itself:
//
//	group 0   superblock, group descriptors, bitmaps, inode table, root
//	          folder, lost+found, journal (zeroed)
//	group 1   copy of superblock and descriptors
//	last      the same, and the block bitmap, whose end is padded
//
// All other groups are marked uninitialised (BLOCK_UNINIT, INODE_UNINIT): their
// bitmaps follow from their layout, and the kernel zeroes their inode tables in
// the background after the first mount. That rules out flex_bg, which puts
// tables of one group into another, and costs nothing else that matters here:
// a box keeps few, large files.
//
// The format is the kernel's Documentation/filesystems/ext4: 4 KiB blocks,
// 64bit, extents, has_journal, dir_index, metadata_csum (crc32c), sparse_super2
// (copies in groups 1 and last). No block is kept back for root, for everything
// on a box is root. On an error the kernel remounts read-only, which the disk
// monitor sees.
//
// There is no growing: a data partition is made at its full size at first boot,
// and a larger disk is filled from the other boxes.
//
// The same arguments give the same bytes, which is how an interrupted format is
// recognised (package format).
package ext4
