package format

import (
	"bytes"
	"encoding/binary"
	"io"
)

// signature is how a kind of content shows itself: bytes at one of several
// offsets, negative ones counted from the end of the disk.
type signature struct {
	what  string
	at    []int64
	magic string
}

// signatures are asked in this order: what holds partitions or disks together
// before what may lie inside, and a weak magic after a strong one. Only the
// name shown depends on it; whatever is found, the disk is left alone.
var signatures = []signature{
	{"a partition table (GPT)", []int64{512, 4096, -512, -4096}, "EFI PART"},
	{"an encrypted volume (LUKS)", []int64{0, 0x4000}, "LUKS\xba\xbe"},
	{"an encrypted volume (BitLocker)", []int64{3}, "-FVE-FS-"},
	{"part of a RAID (Linux md)", []int64{0, 4096}, "\xfc\x4e\x2b\xa9"},
	{"part of a RAID (Intel)", []int64{-1024}, "Intel Raid ISM Cfg Sig."},
	{"part of a volume group (LVM)", []int64{0, 512, 1024, 1536}, "LABELONE"},
	{"part of a bcache or bcachefs", []int64{4096 + 24}, "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81"},
	{"a Ceph disk", []int64{0}, "bluestore block device\n"},
	{"a file system (XFS)", []int64{0}, "XFSB"},
	{"a file system (btrfs)", []int64{65536 + 64, 64<<20 + 64, 256<<30 + 64}, "_BHRfS_M"},
	{"a file system (F2FS)", []int64{1024, 4096 + 1024}, "\x10\x20\xf5\xf2"},
	{"a file system (NILFS)", []int64{1024 + 6}, "\x34\x34"},
	{"a file system (JFS)", []int64{32768}, "JFS1"},
	{"a file system (ReiserFS)", []int64{65536 + 52, 8192 + 52}, "ReIsEr"},
	{"a read-only file system (squashfs)", []int64{0}, "hsqs"},
	{"a read-only file system (EROFS)", []int64{1024}, "\xe2\xe1\xf5\xe0"},
	{"a Windows file system (NTFS)", []int64{3}, "NTFS    "},
	{"a camera's or stick's file system (exFAT)", []int64{3}, "EXFAT   "},
	{"a stick's file system (FAT)", []int64{54}, "FAT12   "},
	{"a stick's file system (FAT)", []int64{54}, "FAT16   "},
	{"a stick's file system (FAT)", []int64{82}, "FAT32   "},
	{"a Mac file system (HFS+)", []int64{1024}, "H+"},
	{"a Mac file system (HFS+)", []int64{1024}, "HX"},
	{"a Mac file system (APFS)", []int64{32}, "NXSB"},
	{"a DVD image (ISO 9660)", []int64{32768 + 1}, "CD001"},
	{"a DVD image (UDF)", []int64{32768 + 1, 32768 + 2049}, "BEA01"},
	{"swap space", []int64{4096 - 10, 8192 - 10, 16384 - 10, 65536 - 10}, "SWAPSPACE2"},
}

// name says what is on a disk by its signatures, "" if none is known.
func name(r io.ReaderAt, size int64) (string, error) {
	for _, s := range signatures {
		for _, at := range s.at {
			if at < 0 {
				at += size
			}
			found, err := has(r, size, at, s.magic)
			if err != nil {
				return "", err
			}
			if found {
				return s.what, nil
			}
		}
	}
	for _, look := range []func(io.ReaderAt, int64) (string, error){nameExt, nameRAIDAtEnd, nameZFS, nameMBR} {
		if what, err := look(r, size); what != "" || err != nil {
			return what, err
		}
	}
	return "", nil
}

func has(r io.ReaderAt, size, at int64, magic string) (bool, error) {
	if at < 0 || at+int64(len(magic)) > size {
		return false, nil
	}
	b, err := read(r, at, len(magic))
	return string(b) == magic, err
}

// extCopies are where ext keeps superblocks, for blocks of 1, 2 and 4 KiB.
var extCopies = []int64{1024, 8193 << 10, 16384 << 11, 32768 << 12}

func nameExt(r io.ReaderAt, size int64) (string, error) {
	for _, at := range extCopies {
		for _, magic := range []string{"\x53\xef\x00\x00", "\x53\xef\x01\x00", "\x53\xef\x02\x00"} { // and its state
			if found, err := has(r, size, at+0x38, magic); err != nil || found {
				return "a Linux file system (ext2, ext3 or ext4)", err
			}
		}
	}
	return "", nil
}

// nameRAIDAtEnd looks for md's formats 0.90 and 1.0, behind the data.
func nameRAIDAtEnd(r io.ReaderAt, size int64) (string, error) {
	for _, at := range []int64{size&^0xFFFF - 0x10000, (size>>9 - 16) &^ 7 << 9} {
		for _, magic := range []string{"\xfc\x4e\x2b\xa9", "\xa9\x2b\x4e\xfc"} {
			if found, err := has(r, size, at, magic); err != nil || found {
				return "part of a RAID (Linux md)", err
			}
		}
	}
	return "", nil
}

// nameZFS looks for an uberblock in each of a vdev's four labels.
func nameZFS(r io.ReaderAt, size int64) (string, error) {
	const label, ring = 256 << 10, 128 << 10
	end := size &^ (label - 1)
	for _, at := range []int64{0, label, end - 2*label, end - label} {
		if at < 0 || at+label > size {
			continue
		}
		b, err := read(r, at+ring, ring)
		if err != nil {
			return "", err
		}
		for slot := 0; slot < ring; slot += 1024 {
			const uberblock = 0x00bab10c
			if binary.LittleEndian.Uint64(b[slot:]) == uberblock || binary.BigEndian.Uint64(b[slot:]) == uberblock {
				return "part of a pool (ZFS)", nil
			}
		}
	}
	return "", nil
}

// nameMBR takes a boot sector for a partition table if an entry makes sense,
// for boot loaders and FAT end in the same two bytes.
func nameMBR(r io.ReaderAt, size int64) (string, error) {
	if size < 512 {
		return "", nil
	}
	b, err := read(r, 0, 512)
	if err != nil || !bytes.Equal(b[510:], []byte{0x55, 0xAA}) {
		return "", err
	}
	for at := 446; at < 510; at += 16 {
		kind, start, length := b[at+4], binary.LittleEndian.Uint32(b[at+8:]), binary.LittleEndian.Uint32(b[at+12:])
		if b[at]&0x7F == 0 && kind != 0 && start != 0 && length != 0 {
			return "a partition table (MBR)", nil
		}
	}
	return "a boot sector", nil
}
