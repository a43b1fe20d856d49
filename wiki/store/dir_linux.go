package store

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Sync implements wiki.File. fdatasync leaves out the times, which nobody
// reads, and keeps the size.
func (f osFile) Sync() error {
	raw, err := f.SyscallConn()
	if err != nil {
		return &os.PathError{Op: "sync", Path: f.Name(), Err: os.ErrClosed}
	}
	var syncErr error
	err = raw.Control(func(fd uintptr) {
		for {
			if syncErr = unix.Fdatasync(int(fd)); syncErr != unix.EINTR {
				return
			}
		}
	})
	if err != nil {
		return &os.PathError{Op: "sync", Path: f.Name(), Err: os.ErrClosed}
	}
	return os.NewSyscallError("fdatasync", syncErr)
}

// Free implements wiki.Files.
func (d dir) Free() (uint64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(string(d), &st); err != nil {
		return 0, &os.PathError{Op: "statfs", Path: string(d), Err: err}
	}
	return st.Bavail * uint64(st.Bsize), nil
}

// unlockFile gives back what lockFile, or bbolt, took.
func unlockFile(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_UN) }

// lockFile takes a lock that ends with the process.
func lockFile(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errBusy
	}
	return os.NewSyscallError("flock", err)
}
