package disk

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// Open makes a disk from an image file, which it only reads. The disk is as
// large as the file, or larger if size says so.
func Open(path string, size int64) (*Disk, io.Closer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("open the image of a disk: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open the image of a disk: %w", err), f.Close())
	}
	d, err := New(Config{Base: f, Size: max(size, info.Size())})
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return d, f, nil
}

// Export writes a range of the disk, as reads see it, to a sparse file. Bad
// sectors do not stop it.
func (d *Disk) Export(path string, off, n int64) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("export a disk: %w", err)
		}
	}()
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := f.Truncate(n); err != nil {
		return err
	}
	d.mu.Lock()
	view := d.now.clone()
	d.mu.Unlock()
	chunk := make([]byte, 1<<20)
	for done := int64(0); done < n; {
		b := chunk[:min(int64(len(chunk)), n-done)]
		if err := view.read(b, off+done); err != nil {
			return err
		}
		if err := writeSparse(f, b, done); err != nil {
			return err
		}
		done += int64(len(b))
	}
	return nil
}

// writeSparse leaves holes where pages are zero.
func writeSparse(f io.WriterAt, b []byte, off int64) error {
	for len(b) > 0 {
		n := min(len(b), pageSize)
		if string(b[:n]) != string(zeros[:n]) {
			if _, err := f.WriteAt(b[:n], off); err != nil {
				return err
			}
		}
		b, off = b[n:], off+int64(n)
	}
	return nil
}
