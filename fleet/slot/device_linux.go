package slot

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// Device is the path of a slot's partition as Root.
type Device string

// Write implements Root.
func (d Device) Write(r io.Reader) error {
	f, err := os.OpenFile(string(d), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	// Hidden: the file would take the reader's bytes in its own small pieces.
	_, err = io.CopyBuffer(struct{ io.Writer }{f}, r, make([]byte, 1<<20))
	return errors.Join(err, f.Sync(), f.Close())
}

// Read implements Root.
func (d Device) Read(size int64) (io.ReadCloser, error) {
	f, err := os.Open(string(d))
	if err != nil {
		return nil, err
	}
	if err := forget(f); err != nil {
		f.Close()
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(f, size), f}, nil
}

// forget makes the kernel read a file from the disk again.
func forget(f *os.File) error {
	fd := int(f.Fd())
	if err := unix.IoctlSetInt(fd, unix.BLKFLSBUF, 0); err != nil && !errors.Is(err, unix.ENOTTY) {
		return fmt.Errorf("forget what is cached of %s: %w", f.Name(), err)
	}
	return unix.Fadvise(fd, 0, 0, unix.FADV_DONTNEED)
}

// syncAll has the whole file system of a file written: FAT's table and folders
// are no part of the file.
func syncAll(f *os.File) error { return unix.Syncfs(int(f.Fd())) }
