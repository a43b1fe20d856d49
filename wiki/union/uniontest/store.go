package uniontest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/wikitest"
)

// Store is a wikitest.Memory that can take a new identity, and be slow.
type Store struct {
	*wikitest.Memory
	mu      sync.Mutex
	renewed int
	slow    time.Duration
}

// NewStore returns an empty store.
func NewStore(identity wiki.Identity) *Store {
	return &Store{Memory: wikitest.NewMemory(identity)}
}

// Identity implements wiki.Store.
func (s *Store) Identity() wiki.Identity {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.name()
}

func (s *Store) name() wiki.Identity {
	if s.renewed == 0 {
		return s.Memory.Identity()
	}
	return wiki.Identity(fmt.Sprintf("%s.%d", s.Memory.Identity(), s.renewed))
}

// Slow makes every later Add take that long, as a worn card does.
func (s *Store) Slow(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slow = d
}

// Add implements wiki.Adder.
func (s *Store) Add(ctx context.Context, revisions ...wiki.Revision) (wiki.Seq, error) {
	s.mu.Lock()
	slow := s.slow
	s.mu.Unlock()
	if slow > 0 {
		time.Sleep(slow)
	}
	return s.Memory.Add(ctx, revisions...)
}

// Renew takes a new identity.
func (s *Store) Renew() (wiki.Identity, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renewed++
	return s.name(), nil
}

// Clone returns a copy of the disk as it was after the first n revisions, with
// the identity it has now and none of its notes.
func (s *Store) Clone(n int) (*Store, error) {
	c := NewStore(s.Memory.Identity())
	c.renewed = s.renewed
	for _, e := range s.Since(0, n) {
		r, err := s.Get(e.ID)
		if err != nil {
			return nil, err
		}
		if _, err := c.Add(context.Background(), r); err != nil {
			return nil, err
		}
	}
	return c, nil
}
