package mirror

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/store"
	"github.com/argss/argss/wiki/wikitest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pair are the disks of one box. A bay can be given another disk.
type pair struct {
	mu   sync.Mutex
	bays [2]*wikitest.Disk
}

func newPair() *pair {
	return &pair{bays: [2]*wikitest.Disk{wikitest.NewDisk(), wikitest.NewDisk()}}
}

func (p *pair) bay(i int) *wikitest.Disk {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bays[i]
}

func (p *pair) put(i int, d *wikitest.Disk) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bays[i] = d
}

func (p *pair) disks(t testing.TB) (disks []Disk) {
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	for i := range p.bays {
		disks = append(disks, Disk{Name: fmt.Sprint("disk", i+1), Open: func() (Set, error) {
			s, err := store.Open(p.bay(i), store.Options{Reserve: -1, SegmentBytes: 16 << 10, Log: log})
			if err != nil {
				return nil, err
			}
			return s, nil
		}})
	}
	return disks
}

func (p *pair) open(t testing.TB) *Store {
	t.Helper()
	m, err := Open(p.disks(t), Options{Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Every: 20 * time.Millisecond})
	must(t, err)
	t.Cleanup(func() { m.Close() })
	return m
}

func add(t testing.TB, s wiki.Store, revisions ...wiki.Revision) {
	t.Helper()
	_, err := s.Add(context.Background(), revisions...)
	must(t, err)
}

// until waits for something that must come true.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func equal(m *Store) func() bool {
	return func() bool {
		return !slices.ContainsFunc(m.Disks(), func(d DiskStatus) bool { return d.State != Equal })
	}
}

func state(m *Store, i int) State { return m.Disks()[i].State }

func holds(t testing.TB, s wiki.Store, revisions []wiki.Revision) {
	t.Helper()
	for _, r := range revisions {
		if got, err := s.Get(r.ID); err != nil || got.ID != r.ID {
			t.Errorf("read %s: %v", r.ID.Short(), err)
		}
	}
	if missing := s.Missing(idsOf(revisions)); len(missing) > 0 {
		t.Errorf("%d of %d revisions are missing", len(missing), len(revisions))
	}
}

func idsOf(revisions []wiki.Revision) (ids []wiki.ID) {
	for _, r := range revisions {
		ids = append(ids, r.ID)
	}
	return ids
}

func TestMirrorIsAStore(t *testing.T) {
	wikitest.TestStore(t, func(t *testing.T) wiki.Store { return newPair().open(t) })
}

func TestMirrorWithOneDiskAbsentIsAStore(t *testing.T) {
	wikitest.TestStore(t, func(t *testing.T) wiki.Store {
		p := newPair()
		p.bay(1).Vanish()
		return p.open(t)
	})
}

func TestEachDiskAloneIsTheWholeWiki(t *testing.T) {
	p := newPair()
	m := p.open(t)
	until(t, "the disks are equal", equal(m))
	revisions := wikitest.NewGenerator(1).Revisions(80)
	for part := range slices.Chunk(revisions, 5) {
		add(t, m, part...)
	}
	until(t, "the disks are equal", equal(m))
	m.Close()
	for i := range p.bays {
		s, err := p.disks(t)[i].Open()
		must(t, err)
		holds(t, s, revisions)
		s.Close()
	}
}

// Whichever disk goes in the middle of saving, no save and no read fails, and
// it is filled when it is back.
func TestVanishingDiskCostsNoReadAndNoWrite(t *testing.T) {
	for gone := range 2 {
		t.Run(fmt.Sprint("disk", gone+1), func(t *testing.T) {
			p := newPair()
			m := p.open(t)
			until(t, "the disks are equal", equal(m))
			g := wikitest.NewGenerator(2)
			var saved []wiki.Revision
			save := func(n int) {
				for range n {
					r := g.Next()
					add(t, m, r)
					saved = append(saved, r)
					if _, err := m.Get(r.ID); err != nil || len(m.Missing([]wiki.ID{r.ID})) > 0 {
						t.Fatalf("what was just saved does not read: %v", err)
					}
				}
			}
			save(20)
			p.bay(gone).Vanish()
			holds(t, m, saved)
			save(20)
			holds(t, m, saved)
			if state(m, gone) == Equal {
				t.Error("the disk that is gone counts as equal")
			}
			p.bay(gone).Reappear()
			until(t, "the disks are equal", equal(m))
			p.bay(1 - gone).Vanish()
			holds(t, m, saved)
			save(5)
			if m.Failure() != nil {
				t.Error(m.Failure())
			}
		})
	}
}

func TestFailedWriteOrSyncOnOneDiskCostsNoSave(t *testing.T) {
	for n := range 24 {
		p := newPair()
		m := p.open(t)
		until(t, "the disks are equal", equal(m))
		p.bay(n%2).FailAfter(1+n/2, nil)
		revisions := wikitest.NewGenerator(uint64(n)).Revisions(12)
		for _, r := range revisions {
			add(t, m, r)
		}
		holds(t, m, revisions)
		until(t, "the disks are equal", equal(m))
		m.Close()
	}
}

// A full disk says so and keeps what it has; the other goes on.
func TestFullDiskFallsBehindAndComesBackWithRoom(t *testing.T) {
	p := newPair()
	m := p.open(t)
	until(t, "the disks are equal", equal(m))
	p.bay(0).SetFree(2000)
	revisions := wikitest.NewGenerator(3).Revisions(40)
	for _, r := range revisions {
		add(t, m, r)
	}
	holds(t, m, revisions)
	if state(m, 0) == Equal {
		t.Error("the full disk counts as equal")
	}
	p.bay(0).SetFree(-1)
	until(t, "the disks are equal", equal(m))
	p.bay(1).SetFree(0)
	p.bay(0).SetFree(0)
	if _, err := m.Add(context.Background(), wikitest.NewGenerator(4).Next()); !errors.Is(err, wiki.ErrFull) {
		t.Errorf("both are full: %v", err)
	}
}

// A disk that hangs is waited for once, by a quarter of a second.
func TestHangingDiskIsWaitedForOnce(t *testing.T) {
	for slow := range 2 {
		synctest.Test(t, func(t *testing.T) {
			p := newPair()
			m, err := Open(p.disks(t), Options{})
			must(t, err)
			defer m.Close()
			time.Sleep(5 * time.Second)
			if !equal(m)() {
				t.Fatal("the disks are not equal")
			}
			p.bay(slow).Hook(func(op wikitest.Op) error {
				time.Sleep(30 * time.Second)
				return nil
			})
			start := time.Now()
			revisions := wikitest.NewGenerator(5).Revisions(20)
			for _, r := range revisions {
				add(t, m, r)
			}
			holds(t, m, revisions)
			if waited := time.Since(start); waited > 300*time.Millisecond {
				t.Errorf("20 saves took %v", waited)
			}
			p.bay(slow).Hook(nil)
			time.Sleep(time.Hour)
			if !equal(m)() {
				t.Errorf("the disk never caught up: %+v", m.Disks())
			}
		})
	}
}

func TestBlankDiskIsFilledWithProgress(t *testing.T) {
	p := newPair()
	p.bay(1).Vanish()
	m := p.open(t)
	revisions := wikitest.NewGenerator(6).Revisions(1200)
	for part := range slices.Chunk(revisions, 50) {
		add(t, m, part...)
	}
	if d := m.Disks()[1]; d.State != Absent || d.Of != 1200 || d.Reason == "" {
		t.Errorf("the absent disk is shown as %+v", d)
	}
	blank := wikitest.NewDisk()
	gate := make(chan struct{})
	var once sync.Once
	blank.Hook(func(op wikitest.Op) error { // holds the filling up after its first batch
		if op.Kind == wikitest.OpSync && op.N > 12 {
			once.Do(func() { <-gate })
		}
		return nil
	})
	p.put(1, blank)
	until(t, "some of it is copied", func() bool { d := m.Disks()[1]; return d.Revisions > 0 && d.Revisions < d.Of })
	close(gate)
	until(t, "the disks are equal", equal(m))
	p.bay(0).Vanish()
	holds(t, m, revisions)
	wikitest.Compare(t, m, replayed(t, m, revisions))
}

// replayed is the oracle for a store in whose order revisions came.
func replayed(t testing.TB, s wiki.Store, revisions []wiki.Revision) *wikitest.Memory {
	byID := map[wiki.ID]wiki.Revision{}
	for _, r := range revisions {
		byID[r.ID] = r
	}
	oracle := wikitest.NewMemory("oracle")
	for _, e := range s.Since(0, 1<<20) {
		add(t, oracle, byID[e.ID])
	}
	return oracle
}

func TestRotIsReadFromTheOtherDiskAndHealed(t *testing.T) {
	for rotten := range 2 {
		p := newPair()
		m := p.open(t)
		until(t, "the disks are equal", equal(m))
		g := wikitest.NewGenerator(7)
		revisions := g.Revisions(60)
		add(t, m, revisions...)
		p.bay(rotten).FlipBits(rng(uint64(rotten)), 12, nil)
		holds(t, m, revisions)
		set := m.setOf(m.sides[rotten])
		for _, r := range revisions {
			_, _ = set.Get(r.ID) // as a scrub does
		}
		m.rouse()
		until(t, "all is healed", func() bool { return len(m.setOf(m.sides[0]).Damaged())+len(m.setOf(m.sides[1]).Damaged()) == 0 })
		holds(t, set, revisions)
	}
}

// The disks were written to apart: each holds what the other lacks.
func TestDisksThatWereApartAreUnited(t *testing.T) {
	p := newPair()
	g := wikitest.NewGenerator(8)
	var all []wiki.Revision
	for i := range p.bays {
		s, err := p.disks(t)[i].Open()
		must(t, err)
		revisions := g.Revisions(30)
		add(t, s, revisions...)
		all = append(all, revisions...)
		s.Close()
	}
	m := p.open(t)
	holds(t, m, all) // from the first moment
	until(t, "the disks are equal", equal(m))
}

func TestStoreThatLedIsNotMetAgainUnderItsOldName(t *testing.T) {
	p := newPair()
	m := p.open(t)
	until(t, "the disks are equal", equal(m))
	seen := map[wiki.Identity]bool{m.Identity(): true}
	g := wikitest.NewGenerator(9)
	for i := range 6 {
		p.bay(i % 2).Vanish()
		add(t, m, g.Next())
		id := m.Identity()
		if seen[id] {
			t.Fatalf("turn %d: identity %s is back", i, id)
		}
		seen[id] = true
		p.bay(i % 2).Reappear()
		until(t, "the disks are equal", equal(m))
	}
	until(t, "the turn is noted", func() bool { _, s, _ := m.leader(); return turnOf(s) == m.turns })
}

func TestWaitReturnsWhenAnotherDiskLeads(t *testing.T) {
	p := newPair()
	m := p.open(t)
	until(t, "the disks are equal", equal(m))
	done := make(chan error, 1)
	go func() { done <- m.Wait(context.Background(), 1<<40) }()
	time.Sleep(20 * time.Millisecond)
	p.bay(0).Vanish()
	add(t, m, wikitest.NewGenerator(10).Next())
	select {
	case err := <-done:
		must(t, err)
	case <-time.After(10 * time.Second):
		t.Error("it waits for numbers that never come")
	}
}

func rng(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 4)) }
