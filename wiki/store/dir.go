package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/argss/argss/wiki"
)

// dir is a real folder.
type dir string

// Dir returns the folder at path, which must exist, as wiki.Files. Names that
// would leave the folder are refused. It also has a Lock, which Open takes.
func Dir(path string) wiki.Files { return dir(path) }

// real returns a name's path in the file system.
func (d dir) real(op, name string) (string, error) {
	local, err := filepath.Localize(name)
	if err != nil {
		return "", &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	return filepath.Join(string(d), local), nil
}

// Open implements wiki.Files.
func (d dir) Open(name string, create bool) (wiki.File, error) {
	p, err := d.real("open", name)
	if err != nil {
		return nil, err
	}
	flags := os.O_RDWR
	if create {
		flags |= os.O_CREATE
	}
	f, err := os.OpenFile(p, flags, 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// Rename implements wiki.Files.
func (d dir) Rename(oldName, newName string) error {
	from, err := d.real("rename", oldName)
	if err != nil {
		return err
	}
	to, err := d.real("rename", newName)
	if err != nil {
		return err
	}
	return os.Rename(from, to)
}

// Remove implements wiki.Files.
func (d dir) Remove(name string) error {
	p, err := d.real("remove", name)
	if err != nil {
		return err
	}
	return os.Remove(p)
}

// MakeDir implements wiki.Files. Each new folder is synced in the one above.
func (d dir) MakeDir(name string) error {
	p, err := d.real("mkdir", name)
	if err != nil || name == "." {
		return err
	}
	if info, err := os.Stat(p); err == nil && info.IsDir() {
		return nil
	}
	above := path.Dir(name)
	if err := d.MakeDir(above); err != nil {
		return err
	}
	if err := os.Mkdir(p, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return d.SyncDir(above)
}

// List implements wiki.Files.
func (d dir) List(name string) ([]string, error) {
	p, err := d.real("list", name)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(p)
	if err != nil {
		return nil, err
	}
	entries = slices.DeleteFunc(entries, fs.DirEntry.IsDir)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, nil
}

// SyncDir implements wiki.Files.
func (d dir) SyncDir(name string) error {
	p, err := d.real("sync", name)
	if err != nil {
		return err
	}
	f, err := os.Open(p)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Lock takes the folder for this process until the closer is closed, or
// returns an error that says another one has it.
func (d dir) Lock() (io.Closer, error) {
	f, err := os.OpenFile(filepath.Join(string(d), "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// osFile is an open file of the operating system.
type osFile struct{ *os.File }

// Size implements wiki.File.
func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
