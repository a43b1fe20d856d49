package disk

import (
	"maps"
	"time"
)

// faults is what is wrong with a disk. Guarded by the disk's lock.
type faults struct {
	bad   map[int64]bool // numbers of sectors that cannot be read
	delay time.Duration
	gone  bool
	lying bool
}

func (f faults) clone() faults {
	f.bad = maps.Clone(f.bad)
	return f
}

// Spoil makes the sectors of a range unreadable until they are written, when a
// disk takes spare ones.
func (d *Disk) Spoil(off, n int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for s := off / d.sector; s*d.sector < off+n; s++ {
		d.bad[s] = true
	}
}

// Bad is how many sectors cannot be read.
func (d *Disk) Bad() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.bad)
}

// Slow makes each request take a while; 0 ends it.
func (d *Disk) Slow(delay time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.delay = delay
}

// Vanish makes the disk fail every request, as if its cable had come off;
// Return plugs it in again, with all it had.
func (d *Disk) Vanish() { d.setGone(true) }

// Return ends Vanish.
func (d *Disk) Return() { d.setGone(false) }

func (d *Disk) setGone(gone bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gone = gone
}

// Lie makes the disk answer flushes and FUA without performing them.
func (d *Disk) Lie(lying bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lying = lying
}

func (f *faults) readable(off, n, sector int64) error {
	if len(f.bad) == 0 {
		return nil
	}
	for s := off / sector; s*sector < off+n; s++ {
		if f.bad[s] {
			return ErrBad
		}
	}
	return nil
}

// heal makes the sectors readable that a write covers whole.
func (f *faults) heal(off, n, sector int64) {
	if len(f.bad) == 0 {
		return
	}
	for s := (off + sector - 1) / sector; (s+1)*sector <= off+n; s++ {
		delete(f.bad, s)
	}
}
