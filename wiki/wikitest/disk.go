package wikitest

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/argss/argss/wiki"
)

// Disk is a simulated wiki.Files. It keeps what programs see apart from what
// is on the platter: a write reaches the platter with the file's Sync, a
// creation, rename or removal with the folder's SyncDir, and until then a power
// cut (Crash) may keep, lose, tear or reorder it. After a Sync that failed the
// unsynced writes are lost although reads still show them and the next Sync
// succeeds, as Linux does it.
//
// A Disk starts no goroutine and reads no clock; equal calls with equal seeds
// give equal disks. It is safe for concurrent use, also in a synctest bubble.
type Disk struct {
	mu       sync.Mutex
	names    map[string]*inode // as programs see them
	platter  map[string]*inode // as a power cut leaves them
	folders  map[string]bool
	unsynced []nameChange
	limit    int64 // bytes the disk holds; negative: no limit
	faults   faults
	counts   Counts
}

var _ wiki.Files = (*Disk)(nil)

// nameChange is one creation, rename or removal: it happens whole or not at
// all. A nil inode means the name is gone.
type nameChange map[string]*inode

// NewDisk returns an empty disk without limit.
func NewDisk() *Disk {
	return &Disk{
		names:   map[string]*inode{},
		platter: map[string]*inode{},
		folders: map[string]bool{".": true},
		limit:   -1,
	}
}

// Open implements wiki.Files.
func (d *Disk) Open(name string, create bool) (wiki.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check("open", name); err != nil {
		return nil, err
	}
	if in := d.names[name]; in != nil {
		return &file{disk: d, name: name, inode: in}, nil
	}
	if !create {
		return nil, pathError("open", name, fs.ErrNotExist)
	}
	in := &inode{}
	err := d.change(OpCreate, name, func() error {
		if other := d.names[name]; other != nil {
			in = other
			return nil
		}
		d.rename(nameChange{name: in})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &file{disk: d, name: name, inode: in}, nil
}

// Rename implements wiki.Files.
func (d *Disk) Rename(oldName, newName string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := errors.Join(d.check("rename", oldName), d.check("rename", newName)); err != nil {
		return err
	}
	in := d.names[oldName]
	if in == nil {
		return pathError("rename", oldName, fs.ErrNotExist)
	}
	if oldName == newName {
		return nil
	}
	return d.change(OpRename, newName, func() error {
		d.rename(nameChange{oldName: nil, newName: in})
		return nil
	})
}

// Remove implements wiki.Files.
func (d *Disk) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check("remove", name); err != nil {
		return err
	}
	if d.names[name] == nil {
		return pathError("remove", name, fs.ErrNotExist)
	}
	return d.change(OpRemove, name, func() error {
		d.rename(nameChange{name: nil})
		return nil
	})
}

// MakeDir implements wiki.Files.
func (d *Disk) MakeDir(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.faults.dead; err != nil {
		return pathError("mkdir", name, err)
	}
	if !fs.ValidPath(name) {
		return pathError("mkdir", name, fs.ErrInvalid)
	}
	for ; name != "."; name = path.Dir(name) {
		if d.names[name] != nil {
			return pathError("mkdir", name, syscall.ENOTDIR)
		}
		d.folders[name] = true
	}
	return nil
}

// List implements wiki.Files.
func (d *Disk) List(dir string) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.checkFolder("list", dir); err != nil {
		return nil, err
	}
	var names []string
	for name := range d.names {
		if path.Dir(name) == dir {
			names = append(names, path.Base(name))
		}
	}
	slices.Sort(names)
	return names, nil
}

// SyncDir implements wiki.Files.
func (d *Disk) SyncDir(dir string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.checkFolder("sync", dir); err != nil {
		return err
	}
	return d.change(OpSyncDir, dir, func() error {
		d.settle(dir)
		return nil
	})
}

// Free implements wiki.Files.
func (d *Disk) Free() (uint64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.faults.dead; err != nil {
		return 0, pathError("statfs", ".", err)
	}
	return uint64(d.free()), nil
}

const unlimited = 1 << 50

func (d *Disk) free() int64 {
	if d.limit < 0 {
		return unlimited
	}
	left := d.limit
	for _, in := range d.names {
		left -= int64(len(in.data))
	}
	return max(0, left)
}

// check tells whether a file of that name can be worked on.
func (d *Disk) check(op, name string) error {
	if err := d.faults.dead; err != nil {
		return pathError(op, name, err)
	}
	if !fs.ValidPath(name) || name == "." {
		return pathError(op, name, fs.ErrInvalid)
	}
	if d.folders[name] {
		return pathError(op, name, syscall.EISDIR)
	}
	if !d.folders[path.Dir(name)] {
		return pathError(op, name, fs.ErrNotExist)
	}
	return nil
}

func (d *Disk) checkFolder(op, dir string) error {
	if err := d.faults.dead; err != nil {
		return pathError(op, dir, err)
	}
	if !d.folders[dir] {
		return pathError(op, dir, fs.ErrNotExist)
	}
	return nil
}

// rename lets programs see a change of names; the platter has it later.
func (d *Disk) rename(c nameChange) {
	c.apply(d.names)
	d.unsynced = append(d.unsynced, c)
}

func (c nameChange) apply(names map[string]*inode) {
	for name, in := range c {
		if in == nil {
			delete(names, name)
		} else {
			names[name] = in
		}
	}
}

func (c nameChange) touches(dir string) bool {
	for name := range c {
		if path.Dir(name) == dir {
			return true
		}
	}
	return false
}

// settle brings a folder's changes to the platter. What they decided about a
// name outlasts earlier changes that still wait in another folder.
func (d *Disk) settle(dir string) {
	var waiting []nameChange
	for _, c := range d.unsynced {
		if !c.touches(dir) {
			waiting = append(waiting, c)
			continue
		}
		c.apply(d.platter)
		for _, earlier := range waiting {
			maps.DeleteFunc(earlier, func(name string, _ *inode) bool { _, ok := c[name]; return ok })
		}
	}
	d.unsynced = waiting
}

// Names returns the names of all files, ascending.
func (d *Disk) Names() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(maps.Keys(d.names))
}

// Search returns the names of the files, also of those still on the platter
// only, in which text can be found.
func (d *Disk) Search(text string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var found []string
	for _, names := range []map[string]*inode{d.names, d.platter} {
		for name, in := range names {
			if strings.Contains(string(in.data), text) || strings.Contains(string(in.platter), text) {
				found = append(found, name)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// OnPlatter tells whether bytes stand in a file as a power cut leaves it that
// takes all that is not synced.
func (d *Disk) OnPlatter(b []byte) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, in := range d.platter {
		if bytes.Contains(in.platter, b) {
			return true
		}
	}
	return false
}

func pathError(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: name, Err: err}
}
