package mirror

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/store"
)

// Set is the store of one disk.
type Set interface {
	wiki.Store
	Renew() (wiki.Identity, error)
	Failure() error
	Usage() store.Usage
	Damaged() []store.Damage
	Repair(ctx context.Context, revisions ...wiki.Revision) error
}

// Disk opens the store of one disk: at the start, and again after it failed or
// when another disk stands in its place.
type Disk struct {
	Name string // as the owner knows it
	Open func() (Set, error)
}

// Options are what Open may be told. Zero values mean the defaults.
type Options struct {
	Log      *slog.Logger
	Patience time.Duration // how long a disk is waited for that is later than the other: 250 ms
	Every    time.Duration // how often the disks are compared: 1 s
	Penalty  time.Duration // the longest a disk that is often late is not waited for: 5 min
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Patience <= 0 {
		o.Patience = 250 * time.Millisecond
	}
	if o.Every <= 0 {
		o.Every = time.Second
	}
	if o.Penalty <= 0 {
		o.Penalty = 5 * time.Minute
	}
	return o
}

// Store implements wiki.Store over several disks' stores. Each disk has one
// goroutine, its keeper, that opens, fills and heals it.
type Store struct {
	options Options
	sides   []*side
	stop    context.CancelFunc
	keepers sync.WaitGroup

	mu     sync.RWMutex
	lead   *side
	moved  chan struct{}   // closed and replaced when another disk leads
	turns  uint64          // how often that happened
	writes *sync.WaitGroup // that began since a disk joined
	closed bool
}

var _ Set = (*Store)(nil)

// Open opens the disks. It is enough that one opens; the one that holds most
// leads and first takes what only others hold.
func Open(disks []Disk, options Options) (*Store, error) {
	m := &Store{options: options.withDefaults(), moved: make(chan struct{}), writes: new(sync.WaitGroup)}
	var errs []error
	for _, d := range disks {
		s := &side{Disk: d, wake: make(chan struct{}, 1)}
		m.sides = append(m.sides, s)
		if s.set, s.reason = d.Open(); s.reason != nil {
			m.options.Log.Warn("a disk of this box cannot be used", "disk", d.Name, "error", s.reason)
			errs = append(errs, fmt.Errorf("disk %s: %w", d.Name, s.reason))
			s.set = nil
		}
	}
	if m.lead = m.fittest(); m.lead == nil {
		return nil, fmt.Errorf("open mirror: %w", errors.Join(errs...))
	}
	ctx, cancel := context.WithCancel(context.Background())
	m.stop = cancel
	m.lead.state = Equal
	for _, s := range m.sides {
		if s != m.lead && s.set != nil {
			s.state = Behind
			if _, err := copyMissing(ctx, s.set, m.lead.set, nil); err != nil {
				m.options.Log.Warn("the leading disk did not take all the other holds", "disk", m.lead.Name, "error", err)
			}
		}
	}
	for _, s := range m.sides {
		m.keepers.Go(func() { m.keep(ctx, s) })
	}
	return m, nil
}

// fittest returns the disk that holds most; of equals one that can write, and
// that led last.
func (m *Store) fittest() (best *side) {
	var most [3]uint64
	for _, s := range m.sides {
		if s.set == nil {
			continue
		}
		_, count := s.set.Digest()
		worth := [3]uint64{count, 0, turnOf(s.set)}
		if s.set.Failure() == nil {
			worth[1] = 1
		}
		if best == nil || slices.Compare(worth[:], most[:]) > 0 {
			best, most = s, worth
		}
		m.turns = max(m.turns, worth[2])
	}
	return best
}

// Close implements wiki.Store.
func (m *Store) Close() error {
	m.stop()
	m.mu.Lock()
	closed := m.closed
	m.closed = true
	sets := m.sets()
	m.mu.Unlock()
	if closed {
		return nil
	}
	var errs []error
	for _, s := range sets {
		errs = append(errs, s.Close())
	}
	m.keepers.Wait()
	return errors.Join(errs...)
}

// sets returns the open stores, the leading one first. The caller holds mu.
func (m *Store) sets() []Set {
	sets := []Set{m.lead.set}
	for _, s := range m.sides {
		if s != m.lead && s.set != nil {
			sets = append(sets, s.set)
		}
	}
	return sets
}

// leader returns the disk that leads, and what is closed when it no longer does.
func (m *Store) leader() (*side, Set, <-chan struct{}) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.lead, m.lead.set, m.moved
}

// others returns the open stores that do not lead.
func (m *Store) others() []Set {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.sets()[1:]
}
