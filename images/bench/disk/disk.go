package disk

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Errors of requests. Everything else a Disk returns is an error of its base
// image.
var (
	ErrRange = errors.New("beyond the end of the disk")
	ErrBad   = errors.New("bad sector")
	ErrGone  = errors.New("the disk does not answer")
)

// Config is what a disk is made of.
type Config struct {
	Base   io.ReaderAt // what the disk holds at first; nil: zeros
	Size   int64       // bytes, a multiple of Sector
	Sector int64       // bytes written whole or not at all; 0: 512
	Cache  int64       // bytes of the write cache; 0: 64 MiB. The oldest writes leave a full one for the platter
}

const defaultCache = 64 << 20

// Disk is a disk with a volatile write cache. Its methods may be called at the
// same time; writes take effect in the order of the calls.
type Disk struct {
	size, sector, capacity int64

	mu      sync.Mutex
	now     pages   // what reads see
	stable  pages   // what is certain to survive
	pending []write // what is in now and not in stable, oldest first
	cached  int64   // bytes of pending
	tape    *Recording
	faults
}

// write is one write in the cache.
type write struct {
	off, n int64
	data   []byte // n bytes; nil: zeros
	forced bool   // FUA: survives, whatever becomes of its neighbours
}

// New makes a disk.
func New(c Config) (*Disk, error) {
	if c.Sector == 0 {
		c.Sector = 512
	}
	if c.Cache == 0 {
		c.Cache = defaultCache
	}
	switch {
	case c.Sector != 512 && c.Sector != pageSize:
		return nil, fmt.Errorf("make a disk: sectors have 512 or %d bytes, not %d", pageSize, c.Sector)
	case c.Size <= 0 || c.Size%c.Sector != 0:
		return nil, fmt.Errorf("make a disk: %d bytes are not a number of sectors", c.Size)
	}
	return &Disk{
		size: c.Size, sector: c.Sector, capacity: c.Cache,
		now: newPages(c.Base), stable: newPages(c.Base),
		faults: faults{bad: map[int64]bool{}},
	}, nil
}

// Size is the number of bytes.
func (d *Disk) Size() int64 { return d.size }

// Sector is the number of bytes that are written whole or not at all.
func (d *Disk) Sector() int64 { return d.sector }

// Read fills b from off.
func (d *Disk) Read(b []byte, off int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check(off, int64(len(b))); err != nil {
		return fmt.Errorf("read %d bytes at %d: %w", len(b), off, err)
	}
	if err := d.readable(off, int64(len(b)), d.sector); err != nil {
		return fmt.Errorf("read %d bytes at %d: %w", len(b), off, err)
	}
	return d.now.read(b, off)
}

// Write puts b into the cache; a forced one (FUA) survives from now on. The
// caller may reuse b.
func (d *Disk) Write(b []byte, off int64, forced bool) error {
	return d.put(write{off, int64(len(b)), append([]byte(nil), b...), forced})
}

// Zero writes n zeros, which is also what a trimmed range reads as.
func (d *Disk) Zero(off, n int64, forced bool) error {
	return d.put(write{off, n, nil, forced})
}

func (d *Disk) put(w write) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check(w.off, w.n); err != nil {
		return fmt.Errorf("write %d bytes at %d: %w", w.n, w.off, err)
	}
	if w.n == 0 {
		return nil
	}
	if err := d.now.write(w); err != nil {
		return fmt.Errorf("write %d bytes at %d: %w", w.n, w.off, err)
	}
	d.heal(w.off, w.n, d.sector)
	d.tape.add(Op{Off: w.off, Len: w.n, Forced: w.forced, data: w.data})
	w.forced = w.forced && !d.lying
	d.pending = append(d.pending, w)
	d.cached += w.held()
	return d.destage()
}

// held is how many bytes of the cache a write takes.
func (w write) held() int64 { return int64(len(w.data)) + 64 }

// destage moves the oldest writes to the platter until the rest fits the cache.
func (d *Disk) destage() error {
	for d.cached > d.capacity && len(d.pending) > 0 {
		w := d.pending[0]
		if err := d.stable.write(w); err != nil {
			return err
		}
		d.pending = d.pending[1:]
		d.cached -= w.held()
	}
	return nil
}

// Flush makes everything written so far survive; a lying disk only says so.
func (d *Disk) Flush() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone {
		return fmt.Errorf("flush: %w", ErrGone)
	}
	d.tape.add(Op{Flush: true})
	if d.lying {
		return nil
	}
	d.settle()
	return nil
}

// settle moves the cache to the platter.
func (d *Disk) settle() {
	for _, w := range d.pending {
		for i := w.off / pageSize; i*pageSize < w.off+w.n; i++ {
			d.stable.own[i] = d.now.own[i]
		}
	}
	d.pending, d.cached = nil, 0
}

// Unflushed is how many writes the cache holds.
func (d *Disk) Unflushed() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.pending)
}

// Clone is a disk with the same bytes, cache and faults, that goes its own way
// from here. It is not recorded.
func (d *Disk) Clone() *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.clone()
}

func (d *Disk) clone() *Disk {
	return &Disk{
		size: d.size, sector: d.sector, capacity: d.capacity,
		now: d.now.clone(), stable: d.stable.clone(),
		pending: append([]write(nil), d.pending...), cached: d.cached,
		faults: d.faults.clone(),
	}
}

// check is called with the lock held.
func (d *Disk) check(off, n int64) error {
	switch {
	case d.gone:
		return ErrGone
	case off < 0 || n < 0 || off > d.size || n > d.size-off:
		return ErrRange
	}
	return nil
}

// Delay is how long each request is to take.
func (d *Disk) Delay() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.delay
}
