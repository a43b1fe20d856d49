package appliance

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// server is an http.Server that ends as soon as its last answer is given.
// Shutdown looks for that now and then, at random times; a twin that takes over
// should not wait for it.
type server struct {
	*http.Server

	mu    sync.Mutex
	busy  map[net.Conn]bool // a request is on its way in, or its answer out
	quiet chan struct{}     // not nil: closed once nobody is busy
}

func newServer(h *http.Server) *server {
	s := &server{Server: h, busy: map[net.Conn]bool{}}
	s.ConnState = s.watch
	return s
}

func (s *server) watch(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state == http.StateNew || state == http.StateActive {
		s.busy[c] = true
		return
	}
	delete(s.busy, c)
	if s.quiet != nil && len(s.busy) == 0 {
		close(s.quiet)
		s.quiet = nil
	}
}

// grace is how long answers in progress may take when the box stops.
const grace = 3 * time.Second

// finish takes no more requests and lets answers in progress end, for a while.
func (s *server) finish() {
	defer s.Close()
	at, cancel := context.WithCancel(context.Background())
	cancel()
	if s.Shutdown(at) == nil {
		return
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case <-s.end():
	case <-late.C:
	}
}

func (s *server) end() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	quiet := make(chan struct{})
	if len(s.busy) == 0 {
		close(quiet)
	} else {
		s.quiet = quiet
	}
	return quiet
}
