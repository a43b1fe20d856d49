package wiki

import "io"

// Files is the disk as stores see it: the smallest set of calls that a durable
// write needs, so that tests can put a simulated disk below the code that
// syncs, retries and reopens. Names are relative, with slashes. Errors satisfy
// errors.Is with fs.ErrNotExist, fs.ErrExist and syscall.ENOSPC as the real
// ones do.
type Files interface {
	// Open opens a file for reading and writing, creating it (empty) when
	// create is set. A created file survives a crash once it was synced and
	// SyncDir was called on its folder.
	Open(name string, create bool) (File, error)
	// Rename replaces newName by oldName; durable after SyncDir.
	Rename(oldName, newName string) error
	// Remove deletes a file; durable after SyncDir.
	Remove(name string) error
	// MakeDir makes a folder and those above it; it may exist. Durable at once.
	MakeDir(name string) error
	// List returns the names of the files in a folder, ascending.
	List(dir string) ([]string, error)
	// SyncDir makes creations, renames and removals in a folder durable.
	SyncDir(dir string) error
	// Free returns how many bytes can still be written.
	Free() (uint64, error)
}

// File is one open file. Writes are durable once Sync has returned.
type File interface {
	io.ReaderAt
	io.WriterAt
	Size() (int64, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}
