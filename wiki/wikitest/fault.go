package wikitest

import (
	"errors"
	"math/rand/v2"
	"syscall"
)

// OpKind says what a call changes on a Disk.
type OpKind string

// The calls that change a disk. Reads are not among them.
const (
	OpCreate   OpKind = "create"
	OpRename   OpKind = "rename"
	OpRemove   OpKind = "remove"
	OpWrite    OpKind = "write"
	OpTruncate OpKind = "truncate"
	OpSync     OpKind = "sync"
	OpSyncDir  OpKind = "syncdir"
)

// Op is one call that changes a disk.
type Op struct {
	Kind OpKind
	Name string // the new name of a rename
	N    int    // the call's number since the disk was made, from 1
}

// Counts says how much was asked of a disk.
type Counts struct {
	Changes int // all calls that change it
	Writes  int // writes and truncations of files
	Syncs   int // Sync and SyncDir
}

type faults struct {
	dead    error // what every call returns
	cut     bool  // the power is off for good
	cutAt   int   // the change in which the power fails; 0 never
	failAt  int   // the write or sync that fails; 0 none
	failure error
	hook    func(Op) error
}

var errPower = errors.New("the power is off")

// Hook has f asked before each change; an error becomes the change's own. f may
// sleep, as a slow disk does, and may call the disk's methods.
func (d *Disk) Hook(f func(Op) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults.hook = f
}

// FailAfter lets the n-th write or sync from now (1 is the next) fail with err,
// EIO when nil. A failed write may leave half of its bytes.
func (d *Disk) FailAfter(n int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == nil {
		err = syscall.EIO
	}
	d.faults.failAt, d.faults.failure = d.counts.Writes+d.counts.Syncs+n, err
}

// CutAfter lets the power fail in the middle of the n-th change from now (1 is
// the next): it may have happened or not, and no call succeeds any more. Crash
// gives the disk as it is found afterwards.
func (d *Disk) CutAfter(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults.cutAt = d.counts.Changes + n
}

// Vanish lets every call fail with EIO, as a disk that was pulled out, until
// Reappear.
func (d *Disk) Vanish() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.faults.cut {
		d.faults.dead = syscall.EIO
	}
}

// Reappear ends what Vanish began.
func (d *Disk) Reappear() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.faults.cut {
		d.faults.dead = nil
	}
}

// SetFree leaves so many bytes to be written before calls fail with ENOSPC;
// negative: no limit.
func (d *Disk) SetFree(bytes int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.limit = -1
	if bytes >= 0 {
		d.limit = 0
		for _, in := range d.names {
			d.limit += int64(len(in.data))
		}
		d.limit += bytes
	}
}

// Counts returns how much was asked of the disk so far.
func (d *Disk) Counts() Counts {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.counts
}

// FlipBits turns n random bits of the files whose names match over, as an
// ageing disk does; nil matches all. It returns how many bits there were to
// turn: 0 when the files are empty.
func (d *Disk) FlipBits(rng *rand.Rand, n int, match func(name string) bool) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	var files []*inode
	total := 0
	for _, name := range sortedNames(d.names) {
		if in := d.names[name]; match == nil || match(name) {
			files = append(files, in)
			total += len(in.data)
		}
	}
	for ; n > 0 && total > 0; n-- {
		flip(files, rng.IntN(total), byte(1)<<rng.IntN(8))
	}
	return total * 8
}

func flip(files []*inode, at int, bit byte) {
	for _, in := range files {
		if at < len(in.data) {
			in.data[at] ^= bit
			if at < len(in.platter) {
				in.platter[at] ^= bit
			}
			return
		}
		at -= len(in.data)
	}
}

// change counts one change and does it, unless a fault has its turn.
func (d *Disk) change(kind OpKind, name string, do func() error) error {
	d.count(kind)
	n := d.counts.Changes
	if err := d.ask(Op{Kind: kind, Name: name, N: n}); err != nil {
		return err
	}
	if n == d.faults.cutAt {
		if kind != OpSync && kind != OpSyncDir {
			_ = do() // begun, and nobody learns whether it was done
		}
		d.faults.dead, d.faults.cut = errPower, true
		return pathError(string(kind), name, errPower)
	}
	if countsAsWrite(kind) && d.counts.Writes+d.counts.Syncs == d.faults.failAt {
		d.faults.failAt = 0
		return pathError(string(kind), name, d.faults.failure)
	}
	return do()
}

// ask asks the hook with the disk unlocked: a goroutine that slept with the
// lock would stop the clock of a synctest bubble.
func (d *Disk) ask(op Op) error {
	hook := d.faults.hook
	if hook == nil {
		return nil
	}
	d.mu.Unlock()
	err := hook(op)
	d.mu.Lock()
	if d.faults.dead != nil {
		err = d.faults.dead
	}
	if err != nil {
		return pathError(string(op.Kind), op.Name, err)
	}
	return nil
}

func (d *Disk) count(kind OpKind) {
	d.counts.Changes++
	switch kind {
	case OpWrite, OpTruncate:
		d.counts.Writes++
	case OpSync, OpSyncDir:
		d.counts.Syncs++
	}
}

func countsAsWrite(kind OpKind) bool {
	return kind == OpWrite || kind == OpTruncate || kind == OpSync || kind == OpSyncDir
}
