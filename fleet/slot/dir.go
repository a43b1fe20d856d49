package slot

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Dir is a mounted boot partition as Files.
type Dir string

func (d Dir) at(name string) string { return filepath.Join(string(d), filepath.FromSlash(name)) }

// List implements Files. A folder that is missing is empty.
func (d Dir) List(dir string) (names []string, err error) {
	list, err := os.ReadDir(d.at(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names, err
}

// Read implements Files.
func (d Dir) Read(name string) ([]byte, error) { return os.ReadFile(d.at(name)) }

// Write implements Files.
func (d Dir) Write(name string, r io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(d.at(name)), 0o755); err != nil {
		return err
	}
	f, err := os.Create(d.at(name))
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Sync(), forget(f), f.Close())
}

// Rename implements Files.
func (d Dir) Rename(from, to string) error { return os.Rename(d.at(from), d.at(to)) }

// Sync implements Files.
func (d Dir) Sync(name string) error {
	f, err := os.OpenFile(d.at(name), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// SyncFolder implements Files.
func (d Dir) SyncFolder(dir string) error {
	f, err := os.Open(d.at(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a slot that never held anything
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), syncAll(f), f.Close())
}

// Remove implements Files.
func (d Dir) Remove(name string) error {
	if err := os.Remove(d.at(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove: %w", err)
	}
	return nil
}
