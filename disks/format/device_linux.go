package format

import (
	"fmt"
	"io"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Device is a disk of this machine.
type Device struct {
	*os.File
	Shape Shape
}

// Open opens a whole disk, for this program alone: it fails while anything on
// it is mounted. Close it.
func Open(path string) (*Device, error) { return open(path, unix.O_EXCL) }

// OpenShared opens a disk that parts of are mounted, the box's own, for
// PrepareRest. Close it.
func OpenShared(path string) (*Device, error) { return open(path, 0) }

func open(path string, flag int) (*Device, error) {
	f, err := os.OpenFile(path, os.O_RDWR|flag, 0)
	if err != nil {
		return nil, fmt.Errorf("open disk: %w", err)
	}
	d := &Device{File: f}
	if d.Shape.Size, err = f.Seek(0, io.SeekEnd); err == nil {
		var sector int
		sector, err = unix.IoctlGetInt(int(f.Fd()), unix.BLKSSZGET)
		d.Shape.Sector = int64(sector)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("ask disk %s for its size: %w", path, err)
	}
	return d, nil
}

// Sync also drops what the kernel keeps of the disk, so that what is read next
// comes from the disk.
func (d *Device) Sync() error {
	if err := d.File.Sync(); err != nil {
		return err
	}
	return unix.IoctlSetInt(int(d.Fd()), unix.BLKFLSBUF, 0)
}

// Reread makes the kernel see the partitions of a disk from Open.
func (d *Device) Reread() error {
	if err := unix.IoctlSetInt(int(d.Fd()), unix.BLKRRPART, 0); err != nil {
		return fmt.Errorf("read partition table of %s: %w", d.Name(), err)
	}
	return nil
}

// Resized tells the kernel the new size of a partition, counted from 1, while
// others of the disk are in use. The kernel gets bytes, struct blkpg_partition.
func (d *Device) Resized(number int, to Region) error {
	part := struct {
		start, length int64
		number        int32
		names         [128]byte
	}{start: to.Start, length: to.Size, number: int32(number)}
	arg := struct {
		op, flags, length int32
		data              unsafe.Pointer
	}{op: 3, length: int32(unsafe.Sizeof(part)), data: unsafe.Pointer(&part)} // BLKPG_RESIZE_PARTITION
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, d.Fd(), unix.BLKPG, uintptr(unsafe.Pointer(&arg))); errno != 0 {
		return fmt.Errorf("resize partition %d of %s: %w", number, d.Name(), errno)
	}
	return nil
}
