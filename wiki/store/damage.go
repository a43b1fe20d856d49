package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/argss/argss/wiki"
)

// Damage is a stretch of the log that does not read as it was written.
type Damage struct {
	ID      wiki.ID  // of the revision that stood there; zero: not known
	Seq     wiki.Seq // its number; 0: not known
	Segment uint32
	Offset  int64
	Length  int64
}

// Damaged returns the damage that is known and not repaired: revisions first,
// ascending by ID, then stretches of which nothing is known, as of Open. Reads
// find damage; Verify looks for it.
func (s *Store) Damaged() []Damage {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := make([]Damage, 0, len(s.damaged)+len(s.unknown))
	for _, d := range s.damaged {
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b Damage) int { return a.ID.Compare(b.ID) })
	return append(list, s.unknown...)
}

// Repair writes good copies of damaged revisions. What is held and reads well is
// left alone; what is not held is added. A repaired revision keeps its sequence number, except where the damage hid
// so much that it counts as new. Errors are Add's.
func (s *Store) Repair(ctx context.Context, revisions ...wiki.Revision) error {
	for _, r := range revisions {
		if _, err := s.Get(r.ID); err != nil && !errors.Is(err, wiki.ErrDamaged) && !errors.Is(err, wiki.ErrNotFound) {
			return fmt.Errorf("repair: %w", err)
		}
	}
	_, err := s.Add(ctx, revisions...)
	return err
}

// Verify reads up to limit revisions numbered above since and returns the last
// number it read, since when there is none. Damage it meets is in Damaged
// afterwards; the error is ctx's.
func (s *Store) Verify(ctx context.Context, since wiki.Seq, limit int) (wiki.Seq, error) {
	for _, e := range s.Since(since, limit) {
		if err := ctx.Err(); err != nil {
			return since, err
		}
		_, _ = s.Get(e.ID) // notes what it finds
		since = e.Seq
	}
	return since, nil
}

// suspect notes stretches of a segment that do not read. What is known of them
// is judged when the whole log was read: a good copy may come later.
func (s *Store) suspect(seg *segment, bad ...found) {
	for _, f := range bad {
		s.unknown = append(s.unknown, Damage{
			ID: f.record.id, Seq: f.record.seq, Segment: seg.number, Offset: f.offset, Length: f.length,
		})
		s.index.put(segmentKey(keyStale, seg.number), nil)
		s.log.Warn("the log is damaged", "segment", seg.number, "offset", f.offset, "bytes", f.length,
			"revision", f.record.id.Short(), "unreadable", f.unreadable)
	}
}

// judge sorts what is suspected.
func (s *Store) judge(r *reader) {
	suspects := s.unknown
	s.unknown = nil
	for _, d := range suspects {
		e, held := r.entry(d.ID)
		switch {
		case d.ID.IsZero():
			s.unknown = append(s.unknown, d)
		case !held || e.at.segment == d.Segment && e.at.offset == d.Offset:
			s.noteDamage(d)
		}
	}
}

// noteDamage remembers a revision as damaged.
func (s *Store) noteDamage(d Damage) {
	s.damaged[d.ID] = d
	s.index.put(idKey(keyDamage, d.ID), d.value())
	s.index.put(segmentKey(keyStale, d.Segment), nil)
}

// clearDamage forgets it: a good copy was read or written.
func (s *Store) clearDamage(id wiki.ID) {
	if _, known := s.damaged[id]; known {
		delete(s.damaged, id)
		s.index.remove(idKey(keyDamage, id))
	}
}

func (d Damage) value() []byte {
	b := binary.AppendUvarint(nil, uint64(d.Seq))
	b = binary.AppendUvarint(b, uint64(d.Segment))
	b = binary.AppendUvarint(b, uint64(d.Offset))
	return binary.AppendUvarint(b, uint64(d.Length))
}

func parseDamage(id wiki.ID, value []byte) Damage {
	d := decoder{rest: bytes.Clone(value)}
	return Damage{
		ID: id, Seq: wiki.Seq(d.uvarint()), Segment: uint32(d.uvarint()),
		Offset: int64(d.uvarint()), Length: int64(d.uvarint()),
	}
}
