package store

import (
	"fmt"

	"github.com/argss/argss/wiki"
)

// Get implements wiki.Reader. It reads the record, checks its CRC and parses
// the document, which checks header and body against their hashes.
func (s *Store) Get(id wiki.ID) (wiki.Revision, error) {
	for {
		p, err := s.find(id)
		if err != nil {
			return wiki.Revision{}, err
		}
		rev, err := s.fetch(p)
		if err == nil {
			s.healed(p)
			return rev, nil
		}
		if !s.moved(p) {
			s.spoiled(p, err)
			return wiki.Revision{}, fmt.Errorf("read revision %s: %w: %w", id.Short(), wiki.ErrDamaged, err)
		}
	}
}

// place is where a revision is read from.
type place struct {
	entry
	segment *segment
	eraser  wiki.ID
	damaged bool
}

func (s *Store) find(id wiki.ID) (p place, err error) {
	err = wiki.ErrClosed
	s.view(func(r *reader) {
		p, err = place{}, wiki.ErrNotFound
		_, p.damaged = s.damaged[id]
		var held bool
		if p.entry, held = r.entry(id); !held {
			if p.damaged {
				err = wiki.ErrDamaged
			}
			return
		}
		if p.Erased {
			p.eraser, _ = r.eraser(id)
		}
		p.segment, err = s.segments[p.at.segment], nil
	})
	if err != nil {
		return p, fmt.Errorf("read revision %s: %w", id.Short(), err)
	}
	return p, nil
}

func (s *Store) fetch(p place) (wiki.Revision, error) {
	if p.segment == nil {
		return wiki.Revision{}, errRecord
	}
	b := make([]byte, p.at.length)
	if n, err := p.segment.ReadAt(b, p.at.offset); n < len(b) {
		return wiki.Revision{}, err
	}
	rec, err := parseRecord(b)
	if err != nil {
		return wiki.Revision{}, err
	}
	if rec.id != p.ID || rec.kind == filler {
		return wiki.Revision{}, errRecord
	}
	if !p.Erased {
		return s.parse(rec)
	}
	header, err := headerIn(rec)
	if err != nil {
		return wiki.Revision{}, err
	}
	record, err := s.Get(p.eraser)
	if err != nil {
		return wiki.Revision{}, fmt.Errorf("its erase record: %w", err)
	}
	return withoutBody(header, record)
}

func (s *Store) parse(rec record) (wiki.Revision, error) {
	rev, err := wiki.Parse(rec.payload)
	if err == nil && rev.ID != rec.id {
		err = errRecord
	}
	return rev, err
}

// moved tells whether the revision is to be read from another place or in
// another way by now: it was erased or repaired since.
func (s *Store) moved(p place) bool {
	now, err := s.find(p.ID)
	return err == nil && (now.at != p.at || now.Erased != p.Erased || now.eraser != p.eraser)
}

// spoiled notes a record that does not read. One whose erase record is at
// fault has that noted already.
func (s *Store) spoiled(p place, cause error) {
	if p.damaged || p.Erased && s.isDamaged(p.eraser) {
		return
	}
	s.log.Warn("a revision's copy is damaged", "revision", p.ID.Short(), "segment", p.at.segment,
		"offset", p.at.offset, "error", cause)
	s.update(func(r *reader) {
		if e, held := r.entry(p.ID); held && e.at == p.at {
			s.noteDamage(Damage{ID: p.ID, Seq: p.Seq, Segment: p.at.segment, Offset: p.at.offset, Length: p.at.length})
		}
	})
}

func (s *Store) isDamaged(id wiki.ID) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, damaged := s.damaged[id]
	return damaged
}

// healed forgets damage that does not show any more: the disk could not read
// for a while.
func (s *Store) healed(p place) {
	if p.damaged {
		s.update(func(*reader) { s.clearDamage(p.ID) })
	}
}
