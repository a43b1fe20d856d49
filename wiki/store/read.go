package store

import (
	"context"
	"math"
	"strings"

	"github.com/argss/argss/wiki"
)

// Entry implements wiki.Reader.
func (s *Store) Entry(id wiki.ID) (wiki.Entry, error) {
	var e entry
	held := false
	s.view(func(r *reader) { e, held = r.entry(id) })
	if !held {
		return wiki.Entry{}, wiki.ErrNotFound
	}
	return e.Entry, nil
}

// Missing implements wiki.Reader.
func (s *Store) Missing(ids []wiki.ID) []wiki.ID {
	var missing []wiki.ID
	s.view(func(r *reader) {
		missing = nil
		for _, id := range ids {
			if !r.has(idKey(keyEntry, id)) {
				missing = append(missing, id)
			}
		}
	})
	return missing
}

// Children implements wiki.Reader.
func (s *Store) Children(id wiki.ID) []wiki.ID {
	var children []wiki.ID
	s.view(func(r *reader) {
		children = nil
		r.ascend(idKey(keyChild, id), "", func(key string, _ []byte) bool {
			children = append(children, lastID(key))
			return true
		})
	})
	return children
}

// Saves implements wiki.Reader.
func (s *Store) Saves(tokenHash string) []wiki.Entry {
	prefix, ok := tokenPrefix(tokenHash)
	if !ok {
		return nil
	}
	return s.collect(func(r *reader, take func(key string, id []byte) bool) {
		r.ascend(prefix, "", take)
	}, math.MaxInt)
}

// Latest implements wiki.Feed.
func (s *Store) Latest() wiki.Seq {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.latest
}

// Since implements wiki.Feed.
func (s *Store) Since(since wiki.Seq, limit int) []wiki.Entry {
	if since == math.MaxUint64 {
		return nil
	}
	return s.collect(func(r *reader, take func(key string, id []byte) bool) {
		r.ascend(keySeq, seqKey(keySeq, since+1), take)
	}, limit)
}

// Before implements wiki.Feed.
func (s *Store) Before(before wiki.Seq, limit int) []wiki.Entry {
	return s.collect(func(r *reader, take func(key string, id []byte) bool) {
		r.descend(keySeq, seqLimit(keySeq, before), take)
	}, limit)
}

// seqLimit returns the key that those below a sequence stand under.
func seqLimit(prefix string, before wiki.Seq) string {
	if before == 0 {
		return seqKey(prefix, math.MaxUint64) + "\x00"
	}
	return seqKey(prefix, before)
}

// collect returns the entries of up to limit IDs that scan takes.
func (s *Store) collect(scan func(r *reader, take func(key string, id []byte) bool), limit int) []wiki.Entry {
	var found []wiki.Entry
	if limit <= 0 {
		return nil
	}
	s.view(func(r *reader) {
		found = nil
		scan(r, func(_ string, id []byte) bool {
			if e, held := r.entry(idValue(id)); held {
				found = append(found, e.Entry)
			}
			return len(found) < limit
		})
	})
	return found
}

// Wait implements wiki.Feed.
func (s *Store) Wait(ctx context.Context, since wiki.Seq) error {
	for {
		s.mu.RLock()
		grown, latest := s.grown, s.latest
		s.mu.RUnlock()
		select {
		case <-s.stop:
			return wiki.ErrClosed
		default:
		}
		if latest > since {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.stop:
		case <-grown:
		}
	}
}

// Heads implements wiki.Shelf.
func (s *Store) Heads(page string) []wiki.Entry {
	var heads []wiki.Entry
	s.view(func(r *reader) {
		heads = nil
		r.ascend(keyHead+page+"\x00", "", func(key string, _ []byte) bool {
			if e, held := r.entry(lastID(key)); held {
				heads = append(heads, e.Entry)
			}
			return true
		})
	})
	return heads
}

// History implements wiki.Shelf.
func (s *Store) History(page string, before wiki.Seq, limit int) []wiki.Entry {
	prefix := keyHistory + page + "\x00"
	return s.collect(func(r *reader, take func(key string, id []byte) bool) {
		r.descend(prefix, seqLimit(prefix, before), take)
	}, limit)
}

// Pages implements wiki.Shelf.
func (s *Store) Pages(prefix, after string, limit int) []string {
	var names []string
	if limit <= 0 {
		return nil
	}
	s.view(func(r *reader) {
		names = nil
		r.ascend(keyPage+prefix, keyPage+after+"\x00", func(key string, _ []byte) bool {
			names = append(names, strings.TrimPrefix(key, keyPage))
			return len(names) < limit
		})
	})
	return names
}

// Shape implements wiki.Shelf.
func (s *Store) Shape() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.shape
}

// Note implements wiki.Notes.
func (s *Store) Note(key string) []byte {
	var value []byte
	s.view(func(r *reader) {
		value = nil
		if v, ok := r.get(keyNote + key); ok {
			value = append([]byte{}, v...)
		}
	})
	return value
}

// SetNote implements wiki.Notes. Notes live in the index alone: without an
// index file, or when it is rebuilt, they are lost.
func (s *Store) SetNote(key string, value []byte) {
	s.update(func(*reader) {
		if value == nil {
			s.index.remove(keyNote + key)
			return
		}
		s.index.put(keyNote+key, append([]byte{}, value...))
	})
}
