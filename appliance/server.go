package appliance

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// server is an http.Server that ends as soon as its last answer is given.
// Shutdown looks for that now and then, at random times; a twin that takes over
// should not wait for it.
type server struct {
	*http.Server
	leaving context.Context // ends when clients should turn elsewhere
	leave   context.CancelFunc

	mu    sync.Mutex
	open  map[net.Conn]http.ConnState
	quiet chan struct{} // not nil: closed once nobody is busy
}

func newServer(h *http.Server) *server {
	s := &server{Server: h, open: map[net.Conn]http.ConnState{}}
	s.leaving, s.leave = context.WithCancel(context.Background())
	s.ConnState = s.watch
	s.Handler = s.farewell(h.Handler)
	return s
}

func (s *server) watch(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state == http.StateClosed || state == http.StateHijacked {
		delete(s.open, c)
	} else {
		s.open[c] = state
	}
	if s.quiet != nil && !s.busy() {
		close(s.quiet)
		s.quiet = nil
	}
}

// busy reports whether a request is on its way in, or an answer out.
func (s *server) busy() bool {
	for _, state := range s.open {
		if state != http.StateIdle {
			return true
		}
	}
	return false
}

// farewell tells clients of a box that is about to go not to ask on the same
// connection again, and ends the answers that wait for something to happen.
func (s *server) farewell(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.leaving.Err() != nil {
			w.Header().Set("Connection", "close")
		}
		if strings.HasSuffix(r.URL.Path, "/_changes") {
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			defer context.AfterFunc(s.leaving, cancel)()
			r = r.WithContext(ctx)
		}
		h.ServeHTTP(w, r)
	})
}

// clients are the open connections to these of this box's addresses.
func (s *server) clients(of func(net.Addr) bool) (list []net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.open {
		if of(c.LocalAddr()) {
			list = append(list, c)
		}
	}
	return list
}

// remain reports whether one of these connections is still open.
func (s *server) remain(list []net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(list, func(c net.Conn) bool { _, open := s.open[c]; return open })
}

// idle are those of these connections that are open and ask for nothing.
// Browsers also open some in case they need them.
func (s *server) idle(list []net.Conn) (out []net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range list {
		if state, open := s.open[c]; open && state != http.StateActive {
			out = append(out, c)
		}
	}
	return out
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
	if !s.busy() {
		close(quiet)
	} else {
		s.quiet = quiet
	}
	return quiet
}
