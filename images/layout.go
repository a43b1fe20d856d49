package images

import (
	"fmt"
	"strings"
)

// Sizes in bytes.
const (
	KiB = 1 << 10
	MiB = 1 << 20

	Alignment = MiB      // of every partition
	dataSize  = 16 * MiB // in an image; the first boot grows it
)

// Content is what a partition holds.
type Content string

// The contents.
const (
	FAT      Content = "fat32"
	Squashfs Content = "squashfs"
	Data     Content = "data" // zeros in an image: that is how the first boot knows it is its own to format
)

// Partition is a row of a board's partition table. Rows count from 1, Start and
// Size are bytes.
type Partition struct {
	Number  int
	Name    string
	Content Content
	Start   int64
	Size    int64
	GUID    string // of this partition
	Type    string // GUID of its type
}

// Types of the specification (UEFI 2.10, section 5.3.3) and of Linux's
// Discoverable Partitions list.
const (
	typeESP   = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
	typeBasic = "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7"
	typeLinux = "0FC63DAF-8483-4772-8E79-3D69D8477DE4"
)

// DiskGUID is that of the table itself.
const DiskGUID = "A4655000-0000-4000-8000-000000000000"

// Partitions returns the board's partition table.
func (b Board) Partitions() []Partition {
	rows := []Partition{
		{Name: "boot", Content: FAT, Size: 512 * MiB, Type: typeESP},
		{Name: "root-a", Content: Squashfs, Size: 256 * MiB, Type: typeLinux},
		{Name: "root-b", Content: Squashfs, Size: 256 * MiB, Type: typeLinux},
		{Name: "data", Content: Data, Size: dataSize, Type: typeLinux},
	}
	if b.Choice == Tryboot {
		rows = append([]Partition{
			{Name: "choose", Content: FAT, Size: 64 * MiB, Type: typeBasic},
			{Name: "boot-a", Content: FAT, Size: 256 * MiB, Type: typeBasic},
			{Name: "boot-b", Content: FAT, Size: 256 * MiB, Type: typeBasic},
		}, rows[1:]...)
	}
	start := int64(Alignment)
	for i := range rows {
		rows[i].Number = i + 1
		rows[i].Start = start
		rows[i].GUID = fmt.Sprintf("%s%02X", strings.TrimSuffix(DiskGUID, "00"), i+1)
		start += rows[i].Size
	}
	return rows
}

// Partition returns the row of a name, which must exist.
func (b Board) Partition(name string) Partition {
	for _, p := range b.Partitions() {
		if p.Name == name {
			return p
		}
	}
	panic("images: board " + b.Name + " has no partition " + name)
}

// DiskSize is the size of an image in bytes, with room for both tables.
func (b Board) DiskSize() int64 {
	rows := b.Partitions()
	last := rows[len(rows)-1]
	return last.Start + last.Size + Alignment
}

// Options is the kernel's command line for a root partition of this board. A
// kernel that panics boots again after ten seconds, which counts as a try of a
// slot; so does one whose root does not appear within a minute.
func (b Board) Options(root string) string {
	var s strings.Builder
	for _, c := range b.Consoles {
		s.WriteString("console=" + c + " ")
	}
	return s.String() + "root=PARTUUID=" + b.Partition(root).GUID +
		" ro rootfstype=squashfs rootwait=60 init=/argss/init panic=10 oops=panic quiet"
}
