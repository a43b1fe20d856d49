package disk

import (
	"fmt"
	"sync"
)

// Op is one recorded request.
type Op struct {
	Off, Len int64
	Forced   bool // FUA
	Flush    bool // and then nothing else is set
	data     []byte
}

// Recording is what was asked of a disk since Record, and the disk as it was
// then.
type Recording struct {
	start *Disk

	mu   sync.Mutex
	ops  []Op
	over bool
}

// Record starts a recording; it ends the one before.
func (d *Disk) Record() *Recording {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := &Recording{start: d.clone()}
	d.tape.Stop()
	d.tape = r
	return r
}

// Stop ends the recording. It may be called again.
func (r *Recording) Stop() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
}

func (r *Recording) add(op Op) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.over {
		r.ops = append(r.ops, op)
	}
}

// Ops are the requests so far.
func (r *Recording) Ops() []Op {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Op(nil), r.ops...)
}

// Cut is the disk as it is found if the power is cut after the first n requests.
func (r *Recording) Cut(n int, seed uint64) (*Disk, Cut, error) {
	d, ops := r.start.Clone(), r.Ops()
	if n < 0 || n > len(ops) {
		return nil, Cut{}, fmt.Errorf("cut a recording: it has %d requests, not %d", len(ops), n)
	}
	for _, op := range ops[:n] {
		if err := d.repeat(op); err != nil {
			return nil, Cut{}, fmt.Errorf("cut a recording: %w", err)
		}
	}
	cut, err := d.PowerCut(seed)
	return d, cut, err
}

func (d *Disk) repeat(op Op) error {
	if op.Flush {
		return d.Flush()
	}
	return d.put(write{op.Off, op.Len, op.data, op.Forced})
}
