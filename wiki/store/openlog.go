package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/argss/argss/wiki"
)

// openLog opens the segments that are there and removes leftovers.
func (s *Store) openLog() error {
	if err := s.files.MakeDir(logFolder); err != nil {
		return err
	}
	names, err := s.files.List(logFolder)
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasSuffix(name, ".tmp") {
			if err := s.files.Remove(logFolder + "/" + name); err != nil {
				s.log.Warn("a leftover stays", "file", name, "error", err)
			}
			continue
		}
		number, ok := segmentNumber(name)
		if !ok {
			continue
		}
		if s.segments[number], err = openSegment(s.files, number); err != nil {
			delete(s.segments, number)
			return err
		}
	}
	return s.dropUnborn()
}

// dropUnborn removes a last segment that a power cut left before its header
// was written. Nothing was ever relied upon in it.
func (s *Store) dropUnborn() error {
	numbers := s.numbers()
	if len(numbers) == 0 {
		return nil
	}
	last := s.segments[numbers[len(numbers)-1]]
	if last.intact || last.end > segmentHeader {
		return nil
	}
	delete(s.segments, last.number)
	last.file.Close()
	if err := s.files.Remove(segmentName(last.number)); err != nil {
		return fmt.Errorf("remove a segment that was never begun: %w", err)
	}
	return nil
}

// numbers returns the segments' numbers, ascending.
func (s *Store) numbers() []uint32 {
	numbers := make([]uint32, 0, len(s.segments))
	for n := range s.segments {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	return numbers
}

// openNames reads the store's identity or makes one, and refuses a log that
// holds another store's segments: their revisions may belong to another space.
func (s *Store) openNames() error {
	names, err := readIdentities(s.files)
	switch {
	case errors.Is(err, errIdentity) || err == nil && names == nil && len(s.segments) > 0:
		s.log.Warn("the store has no readable identity and takes a new one", "error", err)
		names = s.namesInLog()
		fallthrough
	case err == nil && names == nil:
		if names, err = names.renewed(s.options.Random); err != nil {
			return err
		}
		if err = names.write(s.files); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	s.names = names
	if len(names) == maxIdentities {
		return nil // it may have forgotten older ones
	}
	for _, number := range s.numbers() {
		if seg := s.segments[number]; seg.intact && !slices.Contains(names, seg.head.identity) {
			return fmt.Errorf("%s belongs to another store: move it away", segmentName(number))
		}
	}
	return nil
}

func (s *Store) namesInLog() (names identities) {
	numbers := s.numbers()
	slices.Reverse(numbers)
	for _, number := range numbers {
		if seg := s.segments[number]; seg.intact && !slices.Contains(names, seg.head.identity) {
			names = append(names, seg.head.identity)
		}
	}
	return names
}

// beginSegment makes the next segment and lets it be the one that grows.
func (s *Store) beginSegment() error {
	s.mu.RLock()
	head := s.nextHead()
	s.mu.RUnlock()
	seg, err := createSegment(s.files, head)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.adopt(seg)
	return nil
}

// beginLocked does the same for Open, which holds the lock.
func (s *Store) beginLocked() error {
	seg, err := createSegment(s.files, s.nextHead())
	if err == nil {
		s.adopt(seg)
	}
	return err
}

func (s *Store) nextHead() segmentHead {
	head := segmentHead{number: 1, base: s.latest, identity: s.names[0]}
	if s.active != nil {
		head.number = s.active.number + 1
	}
	return head
}

// adopt takes a new segment into service.
func (s *Store) adopt(seg *segment) {
	s.segments[seg.number] = seg
	s.active = seg
	s.index.put(segmentKey(keyLayout, seg.number), layoutValue(seg))
}

// position is a place in the log.
type position struct {
	segment uint32
	offset  int64
}

func (s *Store) position() position { return position{s.active.number, s.active.end} }

// raise keeps the highest sequence number that was ever given out.
func (s *Store) raise(seq wiki.Seq) { s.latest = max(s.latest, seq) }
