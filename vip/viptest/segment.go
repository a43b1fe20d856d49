// Package viptest holds a LAN in memory for tests and simulations, and the
// conformance suite that every vip.Link passes.
//
// A Segment carries adverts between any number of links, with loss, delay and
// cuts, and knows who holds the shared address and whom a client would reach.
// It uses no sockets, and no clock but package time's, so it runs in virtual
// time inside a testing/synctest bubble. Its faults are drawn from one seed,
// separately for each pair of boxes: the same adverts sent at the same times
// meet the same fate however goroutines are scheduled.
package viptest

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/argss/argss/vip"
)

// Segment is one LAN. All methods are safe for concurrent use.
type Segment struct {
	mu        sync.Mutex
	seed      uint64
	links     []*Link
	paths     map[[2]netip.Addr]*path
	loss      float64
	low, high time.Duration
	exclusive bool
	announced *Link // where the neighbours believe the address lives
}

// path is one direction between two boxes. Its queue keeps adverts in order,
// as a real LAN does, whichever timer fires first.
type path struct {
	dice   *rand.Rand
	cut    bool
	latest time.Time
	queue  []func()
}

// NewSegment makes a LAN without delay or loss.
func NewSegment(seed uint64) *Segment {
	return &Segment{seed: seed, paths: map[[2]netip.Addr]*path{}}
}

// SetLoss makes adverts get lost with this probability, 0 to 1.
func (s *Segment) SetLoss(probability float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loss = probability
}

// SetDelay makes each advert sent from now on take between low and high.
func (s *Segment) SetDelay(low, high time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.low, s.high = low, max(low, high)
}

// SetExclusive makes Take fail while another link holds the address, as where
// the address is a socket. On a real LAN two boxes can hold it, and do while
// they cannot hear each other.
func (s *Segment) SetExclusive(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exclusive = on
}

// Cut stops adverts between two boxes, both ways.
func (s *Segment) Cut(a, b netip.Addr) {
	s.CutOneWay(a, b)
	s.CutOneWay(b, a)
}

// CutOneWay stops adverts in one direction only.
func (s *Segment) CutOneWay(from, to netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.path(from, to).cut = true
}

// Heal repairs all cuts.
func (s *Segment) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.paths {
		p.cut = false
	}
}

// Holders lists the sources of all boxes that hold the address, in the order
// in which they were attached.
func (s *Segment) Holders() []netip.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []netip.Addr
	for _, l := range s.links {
		if l.holds {
			out = append(out, l.source)
		}
	}
	return out
}

// Reached is the box that a client of the shared address talks to: the last
// one that announced it, if that one still holds it and is plugged in.
func (s *Segment) Reached() (netip.Addr, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.announced; l != nil && l.holds && l.plugged {
		return l.source, true
	}
	return netip.Addr{}, false
}

// Attach plugs a box in. A source that was attached before must be dead; the
// new link is the same box after a restart.
func (s *Segment) Attach(source netip.Addr) *Link {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.links = slices.DeleteFunc(s.links, func(l *Link) bool { return l.dead && l.source == source })
	l := &Link{segment: s, source: source, inputs: make(chan vip.Input, 64), plugged: true}
	s.links = append(s.links, l)
	l.give(vip.LinkUp{})
	return l
}

func (s *Segment) path(from, to netip.Addr) *path {
	key := [2]netip.Addr{from, to}
	if s.paths[key] == nil {
		mix := fnv.New64a()
		for _, end := range key {
			bytes := end.As16()
			mix.Write(bytes[:])
		}
		mix.Write(binary.BigEndian.AppendUint64(nil, s.seed))
		s.paths[key] = &path{dice: rand.New(rand.NewPCG(s.seed, mix.Sum64()))}
	}
	return s.paths[key]
}

// carry moves one advert; the caller holds the lock.
func (s *Segment) carry(from, to *Link, a vip.Advert) {
	p := s.path(from.source, to.source)
	lost := p.dice.Float64() < s.loss
	delay := s.low + time.Duration(p.dice.Int64N(int64(s.high-s.low)+1))
	if lost || p.cut || !to.plugged {
		return
	}
	arrive := func() {
		if to.plugged {
			to.give(vip.Heard{Advert: a, From: from.source})
		}
	}
	if delay == 0 && len(p.queue) == 0 {
		arrive()
		return
	}
	at := time.Now().Add(delay)
	if !at.After(p.latest) {
		at = p.latest.Add(1)
	}
	p.latest = at
	p.queue = append(p.queue, arrive)
	time.AfterFunc(time.Until(at), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		next := p.queue[0]
		p.queue = p.queue[1:]
		next()
	})
}

var errHeld = errors.New("another box still holds the address")
var errDead = errors.New("the link is dead")
