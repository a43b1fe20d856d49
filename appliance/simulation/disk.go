package simulation

import (
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/argss/argss/wiki/wikitest"
)

// disk is a box's disk: its folders, and the notes that a box keeps in its
// index file. The simulated boxes have their index in memory, so the notes are
// kept here, with what a crash does to them: it brings back older ones.
type disk struct {
	folders map[string]*wikitest.Disk
	notes   *notes
}

var folders = []string{"blobs", "keeper", "public"}

func newDisk() *disk {
	d := &disk{folders: map[string]*wikitest.Disk{}, notes: &notes{values: map[string][]note{}}}
	for _, name := range folders {
		d.folders[name] = wikitest.NewDisk()
	}
	return d
}

// each does something with all folders, in a fixed order.
func (d *disk) each(f func(folder *wikitest.Disk)) {
	for _, name := range folders {
		f(d.folders[name])
	}
}

// derive makes another disk out of this one.
func (d *disk) derive(folder func(*wikitest.Disk) *wikitest.Disk, notes *notes) *disk {
	other := &disk{folders: map[string]*wikitest.Disk{}, notes: notes}
	for _, name := range folders {
		other.folders[name] = folder(d.folders[name])
	}
	return other
}

// crash cuts the power and returns what is found afterwards.
func (d *disk) crash(rng *rand.Rand) *disk {
	keep := time.Duration(rng.Int64N(int64(4 * time.Second)))
	return d.derive(func(f *wikitest.Disk) *wikitest.Disk { return f.Crash(rng) }, d.notes.before(time.Now().Add(-keep)))
}

// killed ends the process that uses the disk and returns the disk, which has
// all that was written.
func (d *disk) killed() *disk {
	return d.derive(func(f *wikitest.Disk) *wikitest.Disk {
		found := f.Clone()
		f.Vanish()
		return found
	}, d.notes.before(time.Now()))
}

// clone is an image of the disk.
func (d *disk) clone() *disk {
	return d.derive((*wikitest.Disk).Clone, d.notes.before(time.Now()))
}

// notes are a box's notes with their past.
type notes struct {
	mu     sync.Mutex
	values map[string][]note // oldest first
}

type note struct {
	at    time.Time
	value []byte
}

func (n *notes) get(key string) []byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	if all := n.values[key]; len(all) > 0 {
		return slices.Clone(all[len(all)-1].value)
	}
	return nil
}

func (n *notes) set(key string, value []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := append(n.values[key], note{time.Now(), slices.Clone(value)})
	n.values[key] = all[max(0, len(all)-4):]
}

// before returns the notes as they were at a time.
func (n *notes) before(when time.Time) *notes {
	n.mu.Lock()
	defer n.mu.Unlock()
	old := &notes{values: maps.Clone(n.values)}
	for key, all := range old.values {
		old.values[key] = slices.DeleteFunc(slices.Clone(all), func(v note) bool { return v.at.After(when) })
	}
	return old
}
