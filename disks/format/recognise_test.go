package format

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// recorded are disks as the tools of Debian 12 make them, the system test
// records them with -record. In testdata they are gzipped: the size, then each
// 512 bytes that are not zero with their offset before them, the first 256.
var recorded = []struct{ file, what, command string }{
	{"ext2", "a Linux file system (ext2, ext3 or ext4)", `truncate -s 8M $1; mkfs.ext2 -q $1`},
	{"ext4", "a Linux file system (ext2, ext3 or ext4)", `truncate -s 300M $1; mkfs.ext4 -q -E lazy_itable_init=1 $1`},
	{"ext4-beheaded", "a Linux file system (ext2, ext3 or ext4)", `truncate -s 300M $1; mkfs.ext4 -q -E lazy_itable_init=1 $1; dd if=/dev/zero of=$1 bs=1M count=4 conv=notrunc status=none`},
	{"xfs", "a file system (XFS)", `truncate -s 300M $1; mkfs.xfs -q $1`},
	{"btrfs", "a file system (btrfs)", `truncate -s 128M $1; mkfs.btrfs -q $1`},
	{"f2fs", "a file system (F2FS)", `truncate -s 64M $1; mkfs.f2fs -q $1`},
	{"ntfs", "a Windows file system (NTFS)", `truncate -s 16M $1; mkfs.ntfs -q -F -f $1`},
	{"exfat", "a camera's or stick's file system (exFAT)", `truncate -s 16M $1; mkfs.exfat $1`},
	{"fat16", "a stick's file system (FAT)", `truncate -s 32M $1; mkfs.vfat -F 16 $1`},
	{"fat32", "a stick's file system (FAT)", `truncate -s 64M $1; mkfs.vfat -F 32 $1`},
	{"swap", "swap space", `truncate -s 16M $1; mkswap -q $1`},
	{"luks1", "an encrypted volume (LUKS)", `truncate -s 32M $1; echo key | cryptsetup -q luksFormat --type luks1 --iter-time 1 $1 -`},
	{"luks2", "an encrypted volume (LUKS)", `truncate -s 32M $1; echo key | cryptsetup -q luksFormat --type luks2 --pbkdf pbkdf2 --iter-time 1 $1 -`},
	{"mbr", "a partition table (MBR)", `truncate -s 16M $1; echo ',,83' | sfdisk -q $1`},
	{"gpt", "a partition table (GPT)", `truncate -s 16M $1; echo ',,L' | sfdisk -q --label gpt $1`},
	{"gpt-beheaded", "a partition table (GPT)", `truncate -s 16M $1; echo ',,L' | sfdisk -q --label gpt $1; dd if=/dev/zero of=$1 bs=1M count=1 conv=notrunc status=none`},
}

func TestDisksOfOthersAreRecognisedAndLeftAlone(t *testing.T) {
	for _, c := range recorded {
		d := load(t, c.file)
		f, err := Recognise(d, d.size)
		if err != nil || f != foreign(c.what) {
			t.Errorf("%s: %v, %v, want %s", c.file, f, err, c.what)
		}
	}
}

// TestSignaturesWithoutATool constructs what Debian has no maker for.
func TestSignaturesWithoutATool(t *testing.T) {
	const size = 64 << 20
	for _, c := range []struct {
		what  string
		at    int64
		magic string
	}{
		{"part of a RAID (Linux md)", 4096, "\xfc\x4e\x2b\xa9"},
		{"part of a RAID (Linux md)", size - 0x10000, "\xfc\x4e\x2b\xa9"},
		{"part of a RAID (Linux md)", size - 8192, "\xfc\x4e\x2b\xa9"},
		{"part of a volume group (LVM)", 512, "LABELONE"},
		{"part of a pool (ZFS)", 128<<10 + 4096, "\x0c\xb1\xba\x00\x00\x00\x00\x00"},
		{"part of a pool (ZFS)", size - 128<<10, "\x00\x00\x00\x00\x00\xba\xb1\x0c"},
		{"a Mac file system (APFS)", 32, "NXSB"},
		{"a DVD image (ISO 9660)", 32769, "CD001"},
		{"an encrypted volume (BitLocker)", 3, "-FVE-FS-"},
		{"a boot sector", 510, "\x55\xaa"},
		{"data of a kind not known here", 12345, "a diary"},
	} {
		d := blankDisk(size)
		d.WriteAt([]byte(c.magic), c.at)
		d.Sync()
		if f, err := Recognise(d, size); err != nil || f != foreign(c.what) {
			t.Errorf("%q at %d: %v, %v, want %s", c.magic, c.at, f, err, c.what)
		}
	}
}

func FuzzOnlyZerosAreBlank(f *testing.F) {
	f.Add(int64(0), []byte("EFI PART"))
	f.Add(int64(alignment), marker{Size: testSize, Sector: 512}.bytes())
	f.Add(int64(512), (&table{size: testSize, sector: 512}).header(1, 2, 3))
	f.Fuzz(func(t *testing.T, place int64, data []byte) {
		if place < 0 || place > testSize-int64(len(data)) || len(data) > 1<<16 {
			return
		}
		d := blankDisk(testSize)
		d.WriteAt(data, place)
		d.Sync()
		found, err := Recognise(d, testSize)
		if err != nil {
			t.Fatal(err)
		}
		if found.Kind == Blank && !zero(data) {
			t.Fatalf("%q at %d is called blank", data, place)
		}
		if found.Kind == Ours {
			t.Fatalf("%q at %d is called ours", data, place)
		}
	})
}

func load(t *testing.T, name string) *memory {
	t.Helper()
	packed, err := os.ReadFile(filepath.Join("testdata", name+".gz"))
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	d := blankDisk(int64(binary.LittleEndian.Uint64(b)))
	for b = b[8:]; len(b) > 0; b = b[8+sectorAtom:] {
		d.kept[int64(binary.LittleEndian.Uint64(b))] = string(b[8 : 8+sectorAtom])
	}
	return d
}
