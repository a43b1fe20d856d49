package store

import (
	"errors"
	"io"
)

// try runs f over the index and returns the fault that ended it, if one did.
// The caller holds mu. After a fault f may have been done in part.
func (s *Store) try(f func(r *reader)) (fault error) {
	r := s.index.reader()
	defer r.close()
	defer func() {
		if p := recover(); p != nil {
			f, ok := p.(indexFault)
			if !ok {
				panic(p)
			}
			fault = f.err
		}
	}()
	f(r)
	return nil
}

// view runs read under the shared lock. A damaged index is rebuilt and read
// runs again: it must start from nothing each time. On a closed store it does
// not run.
func (s *Store) view(read func(r *reader)) {
	for {
		x, fault := s.viewOnce(read)
		if fault == nil {
			return
		}
		s.mu.Lock()
		s.rebuild(x, fault)
		s.mu.Unlock()
	}
}

func (s *Store) viewOnce(read func(r *reader)) (*index, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed || s.lost {
		return nil, nil
	}
	return s.index, s.try(read)
}

// update runs write under the exclusive lock. If the index turns out damaged
// it is rebuilt from the log and write runs again: it must be something that
// can be done twice.
func (s *Store) update(write func(r *reader)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.closed && !s.lost {
		x := s.index
		fault := s.try(write)
		if fault == nil {
			return
		}
		s.rebuild(x, fault)
	}
}

// rebuild replaces an index that is damaged, unless that has been done, by one
// made from the log. It holds the store up meanwhile. The caller holds mu.
func (s *Store) rebuild(x *index, fault error) {
	if s.index != x || s.closed || s.lost {
		return
	}
	if err := s.reach(); err != nil {
		s.lost, s.failure = true, err
		s.stayInMemory() // bbolt may have panicked with its locks held: nobody must wait for it
		s.log.Error("the disk is gone: the store answers nothing until it is opened again", "error", err)
		return
	}
	s.dropIndex(fault)
	last, fault := s.replay(position{})
	if fault == nil {
		s.suspect(last.seg, last.bad...)
		fault = s.try(s.judge)
	}
	if fault != nil {
		// The new file is damaged too: what is in memory is not.
		s.dropIndex(errors.Join(errIndex, fault))
		s.stayInMemory()
		last, _ = s.replay(position{})
		s.suspect(last.seg, last.bad...)
		_ = s.try(s.judge)
	}
	s.shape++
}

// reach tells whether the log's folder answers and any of its files. An index
// made from a log that does not would say that the wiki is empty.
func (s *Store) reach() error {
	_, err := s.files.List(logFolder)
	if err != nil {
		return err
	}
	for _, seg := range s.segments {
		var b [segmentHeader]byte
		if _, err = seg.ReadAt(b[:], 0); err == nil || errors.Is(err, io.EOF) {
			return nil
		}
	}
	return err
}

// stayInMemory gives up on an index file for as long as the store is open.
func (s *Store) stayInMemory() {
	if s.index.disk != nil {
		s.index.disk.abandon()
		s.index.disk = nil
	}
}
