package wikitest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/argss/argss/wiki"
)

// Memory is a wiki.Store that keeps everything in memory and is obviously
// right: each answer is computed from the whole set by the heart's pure rules.
// It is the oracle of the conformance suite and the store of other packages'
// unit tests.
type Memory struct {
	mu        sync.Mutex
	identity  wiki.Identity
	entries   []wiki.Entry // ascending by sequence
	seqs      map[wiki.ID]wiki.Seq
	revisions map[wiki.ID]wiki.Revision
	erasedBy  map[wiki.ID]wiki.ID // what is erased, held or not, by which record
	notes     map[string][]byte
	grown     chan struct{} // closed and replaced when entries grow
	closed    bool
	failure   error
}

var _ wiki.Store = (*Memory)(nil)

// NewMemory returns an empty store.
func NewMemory(identity wiki.Identity) *Memory {
	return &Memory{
		identity:  identity,
		seqs:      map[wiki.ID]wiki.Seq{},
		revisions: map[wiki.ID]wiki.Revision{},
		erasedBy:  map[wiki.ID]wiki.ID{},
		notes:     map[string][]byte{},
		grown:     make(chan struct{}),
	}
}

// Fail makes every later Add return err, as a full disk would; nil heals.
func (m *Memory) Fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failure = err
}

// Identity implements wiki.Store.
func (m *Memory) Identity() wiki.Identity { return m.identity }

// Add implements wiki.Adder.
func (m *Memory) Add(ctx context.Context, revisions ...wiki.Revision) (wiki.Seq, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := cmp.Or(m.failure, ctx.Err()); err != nil {
		return 0, err
	}
	if m.closed {
		return 0, wiki.ErrClosed
	}
	var last wiki.Seq
	for _, r := range revisions {
		last = max(last, m.add(r))
	}
	close(m.grown)
	m.grown = make(chan struct{})
	return last, nil
}

func (m *Memory) add(r wiki.Revision) wiki.Seq {
	if r.Erased != nil {
		m.add(*r.Erased)
	}
	if seq, held := m.seqs[r.ID]; held {
		return seq
	}
	seq := wiki.Seq(len(m.entries) + 1)
	m.seqs[r.ID] = seq
	m.entries = append(m.entries, wiki.Entry{Seq: seq, ID: r.ID, Header: r.Header})
	m.revisions[r.ID] = r
	m.drop(r.ID)
	if r.Header.Kind == wiki.Erase {
		m.erase(r)
	}
	return seq
}

// erase notes what a record erases, held or not. Of several records the one
// with the lowest ID counts, so that the order of arrival does not matter.
func (m *Memory) erase(record wiki.Revision) {
	for _, id := range record.Body.Erasure.Erases {
		if other, ok := m.erasedBy[id]; !ok || record.ID.Compare(other) < 0 {
			m.erasedBy[id] = record.ID
		}
		m.drop(id)
	}
}

// drop drops the body of a held revision if a held record erases it. Erase
// records cannot be erased.
func (m *Memory) drop(id wiki.ID) {
	record, demanded := m.erasedBy[id]
	r, held := m.revisions[id]
	if !demanded || !held || r.Header.Kind == wiki.Erase {
		return
	}
	bare, err := r.WithoutBody(m.revisions[record])
	if err != nil {
		panic(err) // both were parsed before
	}
	m.revisions[id] = bare
	m.entries[m.seqs[id]-1].Erased = true
}

// Get implements wiki.Reader.
func (m *Memory) Get(id wiki.ID) (wiki.Revision, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.revisions[id]
	if !ok {
		return wiki.Revision{}, wiki.ErrNotFound
	}
	return r, nil
}

// Entry implements wiki.Reader.
func (m *Memory) Entry(id wiki.ID) (wiki.Entry, error) {
	for _, e := range m.filter(func(e wiki.Entry) bool { return e.ID == id }) {
		return e, nil
	}
	return wiki.Entry{}, wiki.ErrNotFound
}

// Missing implements wiki.Reader.
func (m *Memory) Missing(ids []wiki.ID) []wiki.ID {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(ids), func(id wiki.ID) bool {
		_, held := m.revisions[id]
		return held
	})
}

// Children implements wiki.Reader.
func (m *Memory) Children(id wiki.ID) []wiki.ID {
	var ids []wiki.ID
	for _, e := range m.filter(func(e wiki.Entry) bool { return slices.Contains(e.Header.Parents, id) }) {
		ids = append(ids, e.ID)
	}
	return wiki.SortIDs(ids)
}

// Saves implements wiki.Reader.
func (m *Memory) Saves(tokenHash string) []wiki.Entry {
	return m.filter(func(e wiki.Entry) bool { return tokenHash != "" && e.Header.Token == tokenHash })
}

// Latest implements wiki.Feed.
func (m *Memory) Latest() wiki.Seq {
	m.mu.Lock()
	defer m.mu.Unlock()
	return wiki.Seq(len(m.entries))
}

// Since implements wiki.Feed.
func (m *Memory) Since(since wiki.Seq, limit int) []wiki.Entry {
	return first(limit, m.filter(func(e wiki.Entry) bool { return e.Seq > since }))
}

// Before implements wiki.Feed.
func (m *Memory) Before(before wiki.Seq, limit int) []wiki.Entry {
	found := m.filter(func(e wiki.Entry) bool { return before == 0 || e.Seq < before })
	slices.Reverse(found)
	return first(limit, found)
}

// Wait implements wiki.Feed.
func (m *Memory) Wait(ctx context.Context, since wiki.Seq) error {
	for {
		m.mu.Lock()
		grown, latest, closed := m.grown, wiki.Seq(len(m.entries)), m.closed
		m.mu.Unlock()
		switch {
		case closed:
			return wiki.ErrClosed
		case latest > since:
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-grown:
		}
	}
}

// Heads implements wiki.Shelf.
func (m *Memory) Heads(page string) []wiki.Entry {
	var heads []wiki.Entry
	for _, id := range wiki.Heads(m.filter(func(e wiki.Entry) bool { return e.Header.Page == page })) {
		e, err := m.Entry(id)
		if err != nil {
			panic(err) // it was there a line ago and nothing is ever removed
		}
		heads = append(heads, e)
	}
	return heads
}

// History implements wiki.Shelf.
func (m *Memory) History(page string, before wiki.Seq, limit int) []wiki.Entry {
	found := m.filter(func(e wiki.Entry) bool {
		return e.Header.Page == page && (before == 0 || e.Seq < before)
	})
	slices.Reverse(found)
	return first(limit, found)
}

// Pages implements wiki.Shelf.
func (m *Memory) Pages(prefix, after string, limit int) []string {
	var names []string
	for _, e := range m.filter(func(wiki.Entry) bool { return true }) {
		if name := e.Header.Page; strings.HasPrefix(name, prefix) && name > after {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	names = slices.DeleteFunc(slices.Compact(names), func(name string) bool {
		return !slices.ContainsFunc(m.Heads(name), func(e wiki.Entry) bool { return e.Header.Kind != wiki.Delete })
	})
	return first(limit, names)
}

// Shape implements wiki.Shelf.
func (m *Memory) Shape() uint64 { return uint64(m.Latest()) }

// Digest implements wiki.Prover.
func (m *Memory) Digest() (wiki.Digest, uint64) {
	return m.tree().Root(m.Bucket), uint64(m.Latest())
}

// Branches implements wiki.Prover.
func (m *Memory) Branches(prefix ...byte) [wiki.Fanout]wiki.Digest {
	t := m.tree()
	t.Root(m.Bucket)
	return *t.Children(prefix...)
}

func (m *Memory) tree() *wiki.DigestTree {
	t := new(wiki.DigestTree)
	for _, e := range m.filter(func(wiki.Entry) bool { return true }) {
		t.Touch(e.ID)
	}
	return t
}

// Bucket implements wiki.Prover.
func (m *Memory) Bucket(prefix [2]byte) []wiki.ID {
	var ids []wiki.ID
	for _, e := range m.filter(func(e wiki.Entry) bool { return [2]byte(e.ID[:2]) == prefix }) {
		ids = append(ids, e.ID)
	}
	return wiki.SortIDs(ids)
}

// Note implements wiki.Notes.
func (m *Memory) Note(key string) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.notes[key])
}

// SetNote implements wiki.Notes.
func (m *Memory) SetNote(key string, value []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if value == nil {
		delete(m.notes, key)
		return
	}
	m.notes[key] = slices.Clone(value)
}

// Close implements wiki.Store.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	close(m.grown)
	m.grown = make(chan struct{})
	return nil
}

func (m *Memory) filter(keep func(wiki.Entry) bool) []wiki.Entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []wiki.Entry
	for _, e := range m.entries {
		if keep(e) {
			found = append(found, e)
		}
	}
	return found
}

func first[T any](limit int, s []T) []T { return s[:min(limit, len(s))] }
