package store

import (
	"encoding/binary"

	"github.com/argss/argss/wiki"
)

// item is a record as the index takes it.
type item struct {
	entry
	erases []wiki.ID // of an erase record
}

// idSum is the revision's share in Store.sum, which tells a damaged index that
// lost an entry from a whole one.
func idSum(id wiki.ID) uint64 { return binary.BigEndian.Uint64(id[8:]) }

// entry returns what the index knows of a revision.
func (r *reader) entry(id wiki.ID) (entry, bool) {
	value, ok := r.get(idKey(keyEntry, id))
	if !ok {
		return entry{}, false
	}
	e, err := parseEntry(id, value)
	if err != nil {
		panic(indexFault{err})
	}
	return e, true
}

// erased tells whether a held record erases a revision.
func (r *reader) erased(id wiki.ID) bool {
	_, ok := r.eraser(id)
	return ok
}

// eraser returns the record that justifies a missing body: the lowest of them.
func (r *reader) eraser(id wiki.ID) (record wiki.ID, ok bool) {
	prefix := idKey(keyErase, id)
	r.ascend(prefix, "", func(key string, _ []byte) bool {
		record, ok = lastID(key), true
		return false
	})
	return record, ok
}

func (s *Store) putEntry(e *entry) {
	s.index.put(idKey(keyEntry, e.ID), e.append(nil))
}

// apply notes one durable record in the index. Records may come in any order
// and more than once.
func (s *Store) apply(r *reader, it item) {
	s.clearDamage(it.ID)
	if old, held := r.entry(it.ID); held {
		s.move(old, it)
		return
	}
	if r.has(seqKey(keySeq, it.Seq)) {
		s.log.Warn("a sequence number was given out twice", "seq", it.Seq, "revision", it.ID.Short())
		it.Seq = s.latest + 1
	}
	s.raise(it.Seq)
	it.Erased = it.Header.Kind != wiki.Erase && r.erased(it.ID)
	s.putEntry(&it.entry)
	s.index.put(seqKey(keySeq, it.Seq), it.ID[:])
	s.index.put(historyKey(it.Header.Page, it.Seq), it.ID[:])
	if prefix, ok := tokenPrefix(it.Header.Token); ok {
		s.index.put(seqKey(prefix, it.Seq), it.ID[:])
	}
	if it.Header.Kind == wiki.Erase {
		s.applyErasure(r, it)
	} else {
		s.applyAncestry(r, it)
	}
	if it.Erased && !it.bare {
		s.mustWipe(it.at.segment)
	}
	s.count++
	s.sum ^= idSum(it.ID)
	s.touched = append(s.touched, it.ID)
}

// move notes a second copy of a held revision.
func (s *Store) move(old entry, it item) {
	if old.at == it.at {
		return
	}
	s.index.put(segmentKey(keyStale, old.at.segment), nil)
	if old.Erased {
		s.mustWipe(old.at.segment)
		if !it.bare {
			s.mustWipe(it.at.segment)
		}
	}
	old.at, old.bare = it.at, it.bare
	s.putEntry(&old)
}

// applyErasure marks what the record names, also what is not held yet.
func (s *Store) applyErasure(r *reader, it item) {
	for _, target := range it.erases {
		s.index.put(idKey(keyErase, target, it.ID), nil)
		e, held := r.entry(target)
		if !held || e.Erased || e.Header.Kind == wiki.Erase {
			continue
		}
		e.Erased = true
		s.putEntry(&e)
		if !e.bare {
			s.mustWipe(e.at.segment)
		}
	}
	var stale []uint32 // what lies there may be what must go
	r.ascend(keyStale, "", func(key string, _ []byte) bool {
		stale = append(stale, lastSegment(key))
		return true
	})
	for _, number := range stale {
		s.mustWipe(number)
	}
}

// mustWipe remembers that a segment holds bodies that must go.
func (s *Store) mustWipe(number uint32) {
	s.index.put(segmentKey(keyWipe, number), binary.BigEndian.AppendUint64(nil, uint64(s.latest)))
}

// applyAncestry keeps children and heads. The new head is counted before the
// old ones leave, so that an edit does not look as if the page had gone.
func (s *Store) applyAncestry(r *reader, it item) {
	page := it.Header.Page
	if !followed(r, it) {
		s.index.put(headKey(page, it.ID), []byte(it.Header.Kind))
		s.countHeads(r, page, it.Header.Kind, +1)
	}
	for _, parent := range it.Header.Parents {
		s.index.put(idKey(keyChild, parent, it.ID), []byte(page))
		if kind, ok := r.get(headKey(page, parent)); ok {
			s.index.remove(headKey(page, parent))
			s.countHeads(r, page, wiki.Kind(kind), -1)
		}
	}
}

// followed tells whether a held revision of the same page names this one as a
// parent.
func followed(r *reader, it item) (yes bool) {
	r.ascend(idKey(keyChild, it.ID), "", func(_ string, page []byte) bool {
		yes = string(page) == it.Header.Page
		return !yes
	})
	return yes
}

// countHeads keeps how many heads other than deletions a page has.
func (s *Store) countHeads(r *reader, page string, kind wiki.Kind, change int) {
	if kind == wiki.Delete {
		return
	}
	value, existed := r.get(keyPage + page)
	heads, _ := binary.Uvarint(value)
	heads += uint64(change)
	if heads == 0 {
		s.index.remove(keyPage + page)
	} else {
		s.index.put(keyPage+page, binary.AppendUvarint(nil, heads))
	}
	if existed != (heads > 0) {
		s.shape++
	}
}
