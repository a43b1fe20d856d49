package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/argss/argss/wiki"
)

// coverage says what the index on the disk knows: the log up to a place.
type coverage struct {
	identity uuid
	position position
	latest   wiki.Seq
	count    uint64
	sum      uint64
}

func (c coverage) value() []byte {
	b := append([]byte{1}, c.identity[:]...)
	b = binary.AppendUvarint(b, uint64(c.position.segment))
	b = binary.AppendUvarint(b, uint64(c.position.offset))
	b = binary.AppendUvarint(b, uint64(c.latest))
	b = binary.AppendUvarint(b, c.count)
	return binary.AppendUvarint(b, c.sum)
}

func parseCoverage(value []byte) (c coverage, err error) {
	d := decoder{rest: value}
	if version := d.take(1); d.failed || version[0] != 1 {
		return c, fmt.Errorf("%w: it has another version", errIndex)
	}
	copy(c.identity[:], d.take(16))
	c.position = position{segment: uint32(d.uvarint()), offset: int64(d.uvarint())}
	c.latest, c.count, c.sum = wiki.Seq(d.uvarint()), d.uvarint(), d.uvarint()
	if d.failed {
		return c, fmt.Errorf("%w: its coverage is cut short", errIndex)
	}
	return c, nil
}

func layoutValue(seg *segment) []byte {
	return binary.AppendUvarint(nil, uint64(seg.head.layout))
}

// openIndex opens the index and returns up to where it knows the log. An index
// of no use is set aside; only another process that has it is an error.
func (s *Store) openIndex() (covered position, err error) {
	if s.options.IndexPath == "" {
		return position{}, nil
	}
	disk, err := openDiskIndex(s.options.IndexPath)
	if errors.Is(err, errBusy) {
		return position{}, err
	}
	if err != nil {
		s.dropIndex(err)
		return position{}, nil
	}
	s.index.disk = disk
	fault := s.try(func(r *reader) { covered = s.load(r) })
	if fault != nil {
		s.dropIndex(fault)
		return position{}, nil
	}
	return covered, nil
}

// load takes over what the index knows, or panics with an indexFault.
func (s *Store) load(r *reader) position {
	value, ok := r.get(keyCoverage)
	if !ok {
		return position{} // new, or it never got so far
	}
	c, err := parseCoverage(value)
	if err == nil {
		err = s.checkCoverage(r, c)
	}
	if err != nil {
		panic(indexFault{err})
	}
	s.latest, s.count, s.sum = c.latest, c.count, c.sum
	r.ascend(keyDamage, "", func(key string, value []byte) bool {
		s.damaged[lastID(key)] = parseDamage(lastID(key), value)
		return true
	})
	return c.position
}

// checkCoverage tells whether the index is this log's and whole.
func (s *Store) checkCoverage(r *reader, c coverage) error {
	if !slices.Contains(s.names, c.identity) {
		return fmt.Errorf("%w: it belongs to another store", errIndex)
	}
	seg := s.segments[c.position.segment]
	if seg == nil || c.position.offset > seg.end {
		return fmt.Errorf("%w: it knows more than the log holds", errIndex)
	}
	var err error
	r.ascend(keyLayout, "", func(key string, value []byte) bool {
		seg := s.segments[lastSegment(key)]
		if seg == nil || seg.intact && string(layoutValue(seg)) != string(value) {
			err = fmt.Errorf("%w: segment %d is gone or was rewritten", errIndex, lastSegment(key))
		}
		return err == nil
	})
	var count, sum uint64
	r.ascend(keyEntry, "", func(key string, _ []byte) bool {
		count++
		sum ^= idSum(lastID(key))
		return true
	})
	if err == nil && (count != c.count || sum != c.sum) {
		err = fmt.Errorf("%w: it holds %d revisions and should hold %d", errIndex, count, c.count)
	}
	return err
}

// dropIndex starts over with an empty index; the file is set aside.
func (s *Store) dropIndex(reason error) {
	s.log.Warn("the index is of no use and is rebuilt from the log", "error", reason)
	if s.index.disk != nil {
		s.index.disk.abandon()
	}
	s.index = newIndex()
	s.count, s.sum, s.touched, s.unknown = 0, 0, nil, nil
	clear(s.damaged)
	err := setAside(s.options.IndexPath)
	if err == nil {
		s.index.disk, err = openDiskIndex(s.options.IndexPath)
	}
	if err != nil {
		s.log.Warn("no index can be kept on this disk: it stays in memory", "error", err)
		s.index.disk = nil
	}
}

// freeze prepares the table in memory for the disk, with the place in the log
// up to which it reaches. It returns nil when there is nothing to do. The
// caller holds mu.
func (s *Store) freeze(reaches position) *table {
	x := s.index
	if x.disk == nil || x.frozen == nil && x.active.Len() == 0 {
		return nil
	}
	if x.frozen == nil {
		c := coverage{identity: s.names[0], position: reaches, latest: s.latest, count: s.count, sum: s.sum}
		x.put(keyCoverage, c.value())
		x.frozen, x.active = x.active, new(table)
	}
	return x.frozen
}

// flush brings what the index has in memory to its file.
func (s *Store) flush() error {
	s.flushing.Lock()
	defer s.flushing.Unlock()
	s.mu.Lock()
	x := s.index
	t := s.freeze(s.position())
	s.mu.Unlock()
	if t == nil {
		return nil
	}
	err := x.disk.write(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.index != x {
		return nil // it was given up meanwhile
	}
	if errors.Is(err, errIndex) {
		s.rebuild(x, err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("flush the index: %w", err)
	}
	x.frozen = nil
	return nil
}

// flushDuringReplay does the same while Open or a rebuild holds the lock.
func (s *Store) flushDuringReplay(reaches position) {
	if s.index.active.bytes < s.options.FlushBytes {
		return
	}
	if t := s.freeze(reaches); t != nil {
		if err := s.index.disk.write(t); err != nil {
			s.log.Warn("the index cannot be flushed yet", "error", err)
			return
		}
		s.index.frozen = nil
	}
}

// flushLoop flushes now and then, and at once when the table is large.
func (s *Store) flushLoop() {
	ticker := time.NewTicker(s.options.FlushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-ticker.C:
		case <-s.full:
		}
		s.tryFlush()
	}
}

// tryFlush says once when flushing begins to fail: the log has everything.
func (s *Store) tryFlush() {
	err := s.flush()
	if failed := err != nil; s.stuck.Swap(failed) != failed && failed {
		s.log.Warn("the index cannot be flushed and stays in memory", "error", err)
	}
}
