package mirror

import (
	"context"
	"errors"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/store"
)

// ask asks the leading disk. If that one does not answer in time, or turns out
// to have failed, and another is equal, that one leads and is asked.
func ask[T any](m *Store, f func(Set) T) T {
	for {
		lead, set, _ := m.leader()
		if !m.replaceable(lead) {
			return f(set)
		}
		answer := make(chan T, 1)
		go func() { answer <- f(set) }()
		timer := time.NewTimer(m.options.Patience)
		select {
		case v := <-answer:
			timer.Stop()
			if failure := set.Failure(); failure == nil || !m.unseat(lead, failure) {
				return v
			}
		case <-timer.C:
			if !m.unseat(lead, errLate) {
				return <-answer
			}
		}
	}
}

// replaceable tells whether another disk could lead.
func (m *Store) replaceable(lead *side) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	for _, s := range m.sides {
		if s != lead && s.state == Equal && s.set != nil {
			return !m.closed
		}
	}
	return m.lead != lead && !m.closed
}

// unseat tells whether another disk than lead leads now.
func (m *Store) unseat(lead *side, why error) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lead == lead {
		m.fall(lead, why)
	}
	return m.lead != lead
}

type got struct {
	r   wiki.Revision
	err error
}

// Get implements wiki.Reader. What the leading disk cannot give, another may.
func (m *Store) Get(id wiki.ID) (wiki.Revision, error) {
	g := ask(m, func(s Set) got { r, err := s.Get(id); return got{r, err} })
	if g.err == nil || errors.Is(g.err, wiki.ErrClosed) {
		return g.r, g.err
	}
	for _, other := range m.others() {
		if r, err := other.Get(id); err == nil {
			m.rouse()
			return r, nil
		}
	}
	return g.r, g.err
}

// rouse lets the keepers look at once.
func (m *Store) rouse() {
	for _, s := range m.sides {
		s.rouse()
	}
}

// Identity implements wiki.Store.
func (m *Store) Identity() wiki.Identity { return ask(m, Set.Identity) }

// Entry implements wiki.Reader.
func (m *Store) Entry(id wiki.ID) (wiki.Entry, error) {
	type found struct {
		e   wiki.Entry
		err error
	}
	f := ask(m, func(s Set) found { e, err := s.Entry(id); return found{e, err} })
	return f.e, f.err
}

// Missing implements wiki.Reader.
func (m *Store) Missing(ids []wiki.ID) []wiki.ID {
	return ask(m, func(s Set) []wiki.ID { return s.Missing(ids) })
}

// Children implements wiki.Reader.
func (m *Store) Children(id wiki.ID) []wiki.ID {
	return ask(m, func(s Set) []wiki.ID { return s.Children(id) })
}

// Saves implements wiki.Reader.
func (m *Store) Saves(tokenHash string) []wiki.Entry {
	return ask(m, func(s Set) []wiki.Entry { return s.Saves(tokenHash) })
}

// Latest implements wiki.Feed.
func (m *Store) Latest() wiki.Seq { return ask(m, Set.Latest) }

// Since implements wiki.Feed.
func (m *Store) Since(since wiki.Seq, limit int) []wiki.Entry {
	return ask(m, func(s Set) []wiki.Entry { return s.Since(since, limit) })
}

// Before implements wiki.Feed.
func (m *Store) Before(before wiki.Seq, limit int) []wiki.Entry {
	return ask(m, func(s Set) []wiki.Entry { return s.Before(before, limit) })
}

// Wait implements wiki.Feed. It also returns when another disk leads: what was
// known of the feed's numbers must be asked anew.
func (m *Store) Wait(ctx context.Context, since wiki.Seq) error {
	_, set, moved := m.leader()
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-moved:
			cancel()
		case <-waiting.Done():
		}
	}()
	err := set.Wait(waiting, since)
	select {
	case <-moved:
		if ctx.Err() == nil {
			return nil
		}
	default:
	}
	return err
}

// Heads implements wiki.Shelf.
func (m *Store) Heads(page string) []wiki.Entry {
	return ask(m, func(s Set) []wiki.Entry { return s.Heads(page) })
}

// History implements wiki.Shelf.
func (m *Store) History(page string, before wiki.Seq, limit int) []wiki.Entry {
	return ask(m, func(s Set) []wiki.Entry { return s.History(page, before, limit) })
}

// Pages implements wiki.Shelf.
func (m *Store) Pages(prefix, after string, limit int) []string {
	return ask(m, func(s Set) []string { return s.Pages(prefix, after, limit) })
}

// Shape implements wiki.Shelf: two disks' shapes are never taken for each other.
func (m *Store) Shape() uint64 {
	shape := ask(m, Set.Shape)
	m.mu.RLock()
	defer m.mu.RUnlock()
	return shape ^ m.turns<<56
}

// Digest implements wiki.Prover.
func (m *Store) Digest() (wiki.Digest, uint64) {
	type root struct {
		d wiki.Digest
		n uint64
	}
	r := ask(m, func(s Set) root { d, n := s.Digest(); return root{d, n} })
	return r.d, r.n
}

// Branches implements wiki.Prover.
func (m *Store) Branches(prefix ...byte) [wiki.Fanout]wiki.Digest {
	return ask(m, func(s Set) [wiki.Fanout]wiki.Digest { return s.Branches(prefix...) })
}

// Bucket implements wiki.Prover.
func (m *Store) Bucket(prefix [2]byte) []wiki.ID {
	return ask(m, func(s Set) []wiki.ID { return s.Bucket(prefix) })
}

// Note implements wiki.Notes. Notes are the leading disk's alone: they speak of
// what that one holds, and in its numbers.
func (m *Store) Note(key string) []byte { return ask(m, func(s Set) []byte { return s.Note(key) }) }

// SetNote implements wiki.Notes.
func (m *Store) SetNote(key string, value []byte) {
	_, set, _ := m.leader()
	set.SetNote(key, value)
}

// Renew implements union.Renewer for the leading disk.
func (m *Store) Renew() (wiki.Identity, error) {
	_, set, _ := m.leader()
	return set.Renew()
}

// Failure returns why nothing can be saved, nil while one disk takes saves.
func (m *Store) Failure() error { return ask(m, Set.Failure) }

// Usage returns the room taken on the leading disk; the others take as much.
func (m *Store) Usage() store.Usage { return ask(m, Set.Usage) }

// Check reads revisions on every disk, so that rot is found where no reader
// comes by. The keepers repair it.
func (m *Store) Check(ids []wiki.ID) {
	for _, s := range m.others() {
		for _, id := range ids {
			if _, err := s.Get(id); errors.Is(err, wiki.ErrDamaged) {
				m.rouse()
			}
		}
	}
}

// Damaged returns the damage on the leading disk.
func (m *Store) Damaged() []store.Damage { return ask(m, Set.Damaged) }

// Repair writes good copies on all disks that lack them.
func (m *Store) Repair(ctx context.Context, revisions ...wiki.Revision) error {
	_, lead, _ := m.leader()
	err := lead.Repair(ctx, revisions...)
	for _, s := range m.others() {
		_ = s.Repair(ctx, revisions...) // its keeper tries again
	}
	return err
}
