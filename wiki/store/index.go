package store

import (
	"strings"

	"github.com/tidwall/btree"
)

// index is the ordered set of keys: what changed lately lies in memory over
// what was flushed to the disk. Its owner locks.
type index struct {
	active *table
	frozen *table     // being flushed, or nil
	disk   *diskIndex // or nil
}

// table is one layer in memory. A nil value hides what lies below.
type table struct {
	btree.Map[string, []byte]
	bytes int // of keys and values, roughly
}

func newIndex() *index { return &index{active: new(table)} }

// put sets a key. The value belongs to the index from then on.
func (x *index) put(key string, value []byte) {
	if value == nil {
		value = []byte{}
	}
	x.active.bytes += len(key) + len(value)
	x.active.Set(key, value)
}

func (x *index) remove(key string) {
	if x.frozen == nil && x.disk == nil {
		x.active.Delete(key)
		return
	}
	x.active.bytes += len(key)
	x.active.Set(key, nil)
}

// layer is one ordered set of keys that can be read.
type layer interface {
	get(key string) (value []byte, ok bool)
	// walk returns a step function. Upwards the first step gives the lowest
	// key that is not below start, downwards the highest key below it.
	walk(start string, down bool) func() (key string, value []byte, ok bool)
}

func (t *table) get(key string) ([]byte, bool) { return t.Map.Get(key) }

func (t *table) walk(start string, down bool) func() (string, []byte, bool) {
	it := t.Iter()
	begun := false
	return func() (string, []byte, bool) {
		ok := false
		switch {
		case begun && down:
			ok = it.Prev()
		case begun:
			ok = it.Next()
		case !down:
			ok = it.Seek(start)
		case it.Seek(start):
			ok = it.Prev()
		default:
			ok = it.Last()
		}
		begun = true
		if !ok {
			return "", nil, false
		}
		return it.Key(), it.Value(), true
	}
}

// reader reads the index as it is while its owner holds the lock. Values are
// valid until close.
type reader struct {
	layers []layer // the newest first
	disk   *diskReader
}

func (x *index) reader() *reader {
	r := &reader{layers: []layer{x.active}}
	if x.frozen != nil {
		r.layers = append(r.layers, x.frozen)
	}
	if x.disk != nil {
		r.disk = &diskReader{disk: x.disk}
		r.layers = append(r.layers, r.disk)
	}
	return r
}

func (r *reader) close() {
	if r.disk != nil {
		r.disk.close()
	}
}

// get returns a key's value.
func (r *reader) get(key string) ([]byte, bool) {
	for _, l := range r.layers {
		if value, ok := l.get(key); ok {
			return value, value != nil
		}
	}
	return nil, false
}

func (r *reader) has(key string) bool {
	_, ok := r.get(key)
	return ok
}

// ascend visits the keys that begin with prefix and are not below start, in
// order, until visit returns false.
func (r *reader) ascend(prefix, start string, visit func(key string, value []byte) bool) {
	r.walk(prefix, max(prefix, start), false, visit)
}

// descend visits the keys that begin with prefix and are below limit.
func (r *reader) descend(prefix, limit string, visit func(key string, value []byte) bool) {
	r.walk(prefix, limit, true, visit)
}

// step is the next key of one layer.
type step struct {
	next  func() (string, []byte, bool)
	key   string
	value []byte
	ok    bool
}

func (s *step) advance() { s.key, s.value, s.ok = s.next() }

func (r *reader) walk(prefix, start string, down bool, visit func(key string, value []byte) bool) {
	steps := make([]step, len(r.layers))
	for i, l := range r.layers {
		steps[i].next = l.walk(start, down)
		steps[i].advance()
	}
	for {
		top := -1
		for i := range steps {
			if steps[i].ok && (top < 0 || steps[i].key != steps[top].key && (steps[i].key < steps[top].key) != down) {
				top = i
			}
		}
		if top < 0 || !strings.HasPrefix(steps[top].key, prefix) {
			return
		}
		key, value := steps[top].key, steps[top].value
		for i := range steps {
			if steps[i].ok && steps[i].key == key {
				steps[i].advance()
			}
		}
		if value != nil && !visit(key, value) {
			return
		}
	}
}
