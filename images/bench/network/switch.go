package network

import (
	"sync"
	"time"
)

const headerSize = 14 // two addresses and a type

type address [6]byte

func (a address) group() bool { return a[0]&1 != 0 }

// Switch is one LAN.
type Switch struct {
	Name    string
	done    chan struct{}
	running sync.WaitGroup

	mu      sync.Mutex
	cables  []*Cable
	learned map[address]*Cable
	tapes   []*Recorder
}

// NewSwitch makes a LAN that nothing is joined to.
func NewSwitch(name string) *Switch {
	return &Switch{Name: name, done: make(chan struct{}), learned: map[address]*Cable{}}
}

// Close ends the LAN. Nothing is delivered after it.
func (s *Switch) Close() {
	close(s.done)
	s.running.Wait()
}

// Join joins a port by a new cable.
func (s *Switch) Join(name string, p Port) *Cable {
	c := &Cable{name: name, sw: s}
	c.ways[In] = newLane(func(frame []byte) { s.forward(c, frame) }, s.done, &s.running)
	c.ways[Out] = newLane(p, s.done, &s.running)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cables = append(s.cables, c)
	return c
}

// Leave removes a cable.
func (s *Switch) Leave(c *Cable) {
	c.Pull()
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.cables {
		if s.cables[i] == c {
			s.cables = append(s.cables[:i:i], s.cables[i+1:]...)
			return
		}
	}
}

func (s *Switch) forget(c *Cable) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for a, at := range s.learned {
		if at == c {
			delete(s.learned, a)
		}
	}
}

// Record writes every frame that enters the switch to r, until the end.
func (s *Switch) Record(r *Recorder) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tapes = append(s.tapes, r)
}

func (s *Switch) forward(from *Cable, frame []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tapes {
		t.frame(time.Now(), frame)
	}
	to, source := address(frame[:6]), address(frame[6:12])
	if !source.group() {
		s.learned[source] = from
	}
	if at := s.learned[to]; at != nil && !to.group() {
		if at != from {
			at.ways[Out].send(frame)
		}
		return
	}
	for _, c := range s.cables {
		if c != from {
			c.ways[Out].send(frame)
		}
	}
}
