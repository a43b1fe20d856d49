package wikitest

import (
	"io"
	"io/fs"
	"syscall"

	"github.com/argss/argss/wiki"
)

// inode is one file's content, whatever its name.
type inode struct {
	data     []byte     // as programs read it
	platter  []byte     // as synced
	unsynced []dataEdit // what leads from platter to data
}

// dataEdit is one write, or a truncation to offset.
type dataEdit struct {
	offset   int64
	data     []byte
	truncate bool
	lost     bool // a Sync failed since: no later one brings it to the platter
}

func (e dataEdit) apply(b []byte) []byte {
	end := e.offset + int64(len(e.data))
	if e.truncate && end < int64(len(b)) {
		return b[:end]
	}
	if grow := end - int64(len(b)); grow > 0 {
		b = append(b, make([]byte, grow)...)
	}
	copy(b[e.offset:], e.data)
	return b
}

func (in *inode) edit(e dataEdit) {
	in.data = e.apply(in.data)
	in.unsynced = append(in.unsynced, e)
}

func (in *inode) sync() {
	for _, e := range in.unsynced {
		if !e.lost {
			in.platter = e.apply(in.platter)
		}
	}
	in.unsynced = nil
}

// file is an open file: it follows the inode through renames.
type file struct {
	disk   *Disk
	name   string
	inode  *inode
	closed bool
}

var _ wiki.File = (*file)(nil)

func (f *file) check(op string) error {
	if f.closed {
		return pathError(op, f.name, fs.ErrClosed)
	}
	if err := f.disk.faults.dead; err != nil {
		return pathError(op, f.name, err)
	}
	return nil
}

// ReadAt implements wiki.File.
func (f *file) ReadAt(p []byte, off int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.check("read"); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, pathError("read", f.name, fs.ErrInvalid)
	}
	if off >= int64(len(f.inode.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.inode.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt implements wiki.File.
func (f *file) WriteAt(p []byte, off int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.check("write"); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, pathError("write", f.name, fs.ErrInvalid)
	}
	n := len(p)
	err := f.disk.change(OpWrite, f.name, func() error {
		if room := int64(len(f.inode.data)) + f.disk.free() - off; room < int64(n) {
			n = int(max(0, room))
			f.put(p[:n], off)
			return pathError("write", f.name, syscall.ENOSPC)
		}
		f.put(p, off)
		return nil
	})
	if err != nil && n == len(p) { // a fault tears the write
		n /= 2
		if f.disk.faults.dead == nil {
			f.put(p[:n], off)
		}
	}
	return n, err
}

func (f *file) put(p []byte, off int64) {
	if len(p) > 0 {
		f.inode.edit(dataEdit{offset: off, data: append([]byte(nil), p...)})
	}
}

// Size implements wiki.File.
func (f *file) Size() (int64, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	return int64(len(f.inode.data)), f.check("stat")
}

// Truncate implements wiki.File.
func (f *file) Truncate(size int64) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.check("truncate"); err != nil {
		return err
	}
	return f.disk.change(OpTruncate, f.name, func() error {
		if size-int64(len(f.inode.data)) > f.disk.free() {
			return pathError("truncate", f.name, syscall.ENOSPC)
		}
		f.inode.edit(dataEdit{offset: size, truncate: true})
		return nil
	})
}

// Sync implements wiki.File.
func (f *file) Sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.check("sync"); err != nil {
		return err
	}
	err := f.disk.change(OpSync, f.name, func() error {
		f.inode.sync()
		return nil
	})
	if err != nil {
		for i := range f.inode.unsynced {
			f.inode.unsynced[i].lost = true
		}
	}
	return err
}

// Close implements wiki.File.
func (f *file) Close() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.closed {
		return pathError("close", f.name, fs.ErrClosed)
	}
	f.closed = true
	return nil
}
