package union_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/argss/argss/wiki"
)

var seeds = flag.Int("seeds", 15, "how many storms to live through")

// TestStormEndsInEquality cuts lines, kills boxes and rolls back a disk while
// people save everywhere. Then it is calm: all boxes must hold the same, all
// that was acknowledged from two machines, and nothing that nobody wrote.
func TestStormEndsInEquality(t *testing.T) {
	for seed := range *seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &storm{world: newWorld(t, "wichita-1", "wichita-2", "tulsa"), rng: rand.New(rand.NewPCG(uint64(seed), 7)),
					running: map[string]bool{}, written: map[wiki.ID]bool{}, promised: map[wiki.ID]string{}}
				s.net.Delay(time.Duration(s.rng.IntN(3)) * 5 * time.Millisecond)
				for _, name := range s.names {
					s.power(name)
				}
				for range 60 {
					s.step()
				}
				s.calm()
			})
		})
	}
}

type storm struct {
	*world
	rng      *rand.Rand
	running  map[string]bool
	written  map[wiki.ID]bool
	promised map[wiki.ID]string // acknowledged, by which box
	rolled   string             // the box whose disk was rolled back
}

func (s *storm) any() string { return s.names[s.rng.IntN(len(s.names))] }

func (s *storm) power(name string) {
	if !s.running[name] {
		s.start(name)
		s.running[name] = true
	}
}

func (s *storm) step() {
	switch n := s.rng.IntN(20); {
	case n < 11:
		s.write(s.any())
	case n < 13:
		s.net.Cut(s.any(), s.any())
	case n < 15:
		s.net.Heal(s.any(), s.any())
	case n < 16:
		if name := s.any(); s.running[name] {
			s.boxes[name].stop()
			s.running[name] = false
		}
	case n < 19:
		s.power(s.any())
	case s.rolled == "":
		s.rollBack(s.any())
	}
	if s.rng.IntN(3) == 0 {
		time.Sleep(time.Duration(s.rng.IntN(8000)) * time.Millisecond)
	}
}

func (s *storm) write(name string) {
	b := s.boxes[name]
	if !s.running[name] {
		return
	}
	var parents []wiki.ID
	for _, e := range b.store.Heads("Home") {
		if s.rng.IntN(2) == 0 {
			parents = append(parents, e.ID)
		}
	}
	r := s.edit("Home", parents...)
	s.written[r.ID] = true
	ack, err := b.Publish(context.Background(), r)
	if err != nil {
		s.t.Fatal(err)
	}
	switch {
	case !ack.Alone:
		s.promised[r.ID] = ""
	default:
		s.promised[r.ID] = name
	}
	for _, other := range ack.Copies {
		if !s.boxes[other].holds(r.ID) {
			s.t.Errorf("%s says %s holds %s", name, other, r.ID.Short())
		}
	}
}

// rollBack gives a box the disk it had some time ago. With it dies what only
// that disk held.
func (s *storm) rollBack(name string) {
	b := s.boxes[name]
	if s.running[name] {
		b.stop()
		s.running[name] = false
	}
	old, err := b.store.Clone(s.rng.IntN(int(b.store.Latest()) + 1))
	if err != nil {
		s.t.Fatal(err)
	}
	b.store, s.rolled = old, name
	for id, box := range s.promised {
		if box == name {
			delete(s.promised, id)
		}
	}
	for range s.rng.IntN(4) { // while nobody can tell it
		r := s.edit("Alone")
		if _, err := old.Add(context.Background(), r); err != nil {
			s.t.Fatal(err)
		}
		s.written[r.ID], s.promised[r.ID] = true, name
	}
	s.power(name)
}

func (s *storm) calm() {
	defer s.stop()
	var all []*box
	for i, name := range s.names {
		s.net.Heal(name, s.names[(i+1)%3])
	}
	for _, name := range s.names {
		s.power(name)
		all = append(all, s.boxes[name])
	}
	s.equal(all...)
	s.until("limp mode ends everywhere", func() bool {
		return !slices.ContainsFunc(all, func(b *box) bool { return b.Limp().Active })
	})
	for id := range s.promised {
		if !all[0].holds(id) {
			s.t.Errorf("%s was acknowledged and is lost", id.Short())
		}
	}
	for _, e := range all[0].store.Since(0, 10_000) {
		if !s.written[e.ID] {
			s.t.Errorf("%s was written by nobody", e.ID.Short())
		}
		if !all[0].holds(e.Header.Parents...) {
			s.t.Errorf("%s is held without its parents", e.ID.Short())
		}
	}
}
