// Package pack writes an image: a tree of files into squashfs or FAT32, and
// those into a disk with a GUID partition table.
//
// It promises the same bytes for the same files and time, whoever builds them
// and wherever: nothing of the building machine (owners, modes, times, order of
// folders) gets in.
//
// The table is go-diskfs's. Squashfs and FAT32 are written here: go-diskfs
// copies owners, modes and the present time into squashfs, and the ".." of its
// FAT folders is one that fsck repairs. An image for updates also wants each
// file of the root on a 4 KiB boundary of its own, so that what did not change
// keeps its blocks.
package pack
