package wikitest

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// Sector is what a disk writes whole or not at all, in bytes.
const Sector = 512

// Crash cuts the power: every later call on d fails, and the disk that is
// found afterwards is returned. rng decides what became of each unsynced
// write, sector by sector, and of each unsynced creation, rename and removal.
func (d *Disk) Crash(rng *rand.Rand) *Disk {
	found := d.Image(rng)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults.dead, d.faults.cut = errPower, true
	return found
}

// Image returns the disk that a power cut at this moment would leave, and lets
// d go on.
func (d *Disk) Image(rng *rand.Rand) *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	image := NewDisk()
	image.limit = d.limit
	image.folders = maps.Clone(d.folders)
	names := maps.Clone(d.platter)
	for i, keep := range newFate(rng).choose(rng, len(d.unsynced)) {
		if keep {
			d.unsynced[i].apply(names)
		}
	}
	image.fill(names, func(in *inode) []byte { return in.survive(rng) })
	return image
}

// Clone returns a copy of the disk as programs see it now, all of it synced:
// what a backup or an imaging tool makes.
func (d *Disk) Clone() *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	clone := NewDisk()
	clone.limit = d.limit
	clone.folders = maps.Clone(d.folders)
	clone.fill(d.names, func(in *inode) []byte { return slices.Clone(in.data) })
	return clone
}

func (d *Disk) fill(names map[string]*inode, content func(*inode) []byte) {
	for _, name := range sortedNames(names) {
		b := content(names[name])
		in := &inode{data: b, platter: slices.Clone(b)}
		d.names[name], d.platter[name] = in, in
	}
}

func sortedNames(m map[string]*inode) []string { return slices.Sorted(maps.Keys(m)) }

// fate is how a power cut treats a list of unsynced changes.
type fate int

const (
	lose    fate = iota // none arrived
	keep                // all arrived
	prefix              // the first ones arrived
	scatter             // each by itself
	fates
)

func newFate(rng *rand.Rand) fate { return fate(rng.IntN(int(fates))) }

// choose says which of n changes arrived.
func (f fate) choose(rng *rand.Rand, n int) []bool {
	kept := make([]bool, n)
	first := f.point(rng, n)
	for i := range kept {
		kept[i] = i < first
		if f == scatter {
			kept[i] = rng.IntN(2) == 0
		}
	}
	return kept
}

// point says up to which of n changes something arrived.
func (f fate) point(rng *rand.Rand, n int) int {
	switch f {
	case lose:
		return 0
	case keep:
		return n
	}
	return rng.IntN(n + 1)
}

// survive returns what a power cut leaves of a file. Each sector is found as
// it was after some of the edits, and so is the size: a longer size than the
// sectors that arrived leaves zeros.
func (in *inode) survive(rng *rand.Rand) []byte {
	n := len(in.unsynced)
	if n == 0 {
		return slices.Clone(in.platter)
	}
	f := newFate(rng)
	point := f.point(rng, n)
	sizes, touched := in.trace()
	b := make([]byte, sizes[point])
	copy(b, in.platter)
	for _, s := range touched {
		at := point
		if f == scatter {
			at = rng.IntN(n + 1)
		}
		if s*Sector < int64(len(b)) {
			copy(b[s*Sector:], in.sector(s, at))
		}
	}
	return b
}

// trace returns the file's size before and after each unsynced edit and the
// sectors they touched, ascending.
func (in *inode) trace() (sizes, touched []int64) {
	size := int64(len(in.platter))
	sizes = append(sizes, size)
	seen := map[int64]bool{}
	for _, e := range in.unsynced {
		end := e.offset + int64(len(e.data))
		last := end
		if e.truncate {
			last = max(end, size)
		}
		for s := min(e.offset, size) / Sector; s <= last/Sector; s++ {
			seen[s] = true
		}
		if e.truncate || end > size {
			size = end
		}
		sizes = append(sizes, size)
	}
	return sizes, slices.Sorted(maps.Keys(seen))
}

// sector returns one sector as the first n unsynced edits left it.
func (in *inode) sector(s int64, n int) []byte {
	b := make([]byte, Sector)
	start := s * Sector
	if start < int64(len(in.platter)) {
		copy(b, in.platter[start:])
	}
	for _, e := range in.unsynced[:n] {
		from := e.offset - start
		if e.truncate {
			if from < Sector {
				clear(b[max(0, from):])
			}
			continue
		}
		if from < Sector && from+int64(len(e.data)) > 0 {
			copy(b[max(0, from):], e.data[max(0, -from):])
		}
	}
	return b
}
