package nbd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// Disk is what is served.
type Disk interface {
	Size() int64
	Sector() int64
	Read(b []byte, off int64) error
	Write(b []byte, off int64, forced bool) error
	Zero(off, n int64, forced bool) error
	Flush() error
	Delay() time.Duration
}

// Server serves one disk on one listener.
type Server struct {
	disk     Disk
	listener net.Listener
	cancel   context.CancelFunc
	done     sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool
}

// Serve starts serving. The server owns the listener from now on.
func Serve(l net.Listener, d Disk) *Server {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{disk: d, listener: l, cancel: cancel, conns: map[net.Conn]bool{}}
	s.done.Go(func() { s.accept(ctx) })
	return s
}

// Close hangs up on all clients and returns when no request is being performed
// any more. It may be called again.
func (s *Server) Close() {
	s.cancel()
	s.listener.Close()
	s.HangUp()
	s.done.Wait()
}

// HangUp closes the connections there are; new ones are welcome.
func (s *Server) HangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.Close()
	}
}

func (s *Server) accept(ctx context.Context) {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[conn] = true
		s.mu.Unlock()
		if ctx.Err() != nil {
			conn.Close() // it came while Close was hanging up
		}
		s.done.Go(func() {
			defer func() {
				s.mu.Lock()
				defer s.mu.Unlock()
				delete(s.conns, conn)
				conn.Close()
			}()
			_ = Converse(ctx, conn, s.disk) // clients come and go as boxes lose power
		})
	}
}

// Converse speaks with one client until it leaves, which is no error.
func Converse(ctx context.Context, conn io.ReadWriter, d Disk) error {
	ready, err := greet(conn, d)
	if err == nil && ready {
		err = transmit(ctx, conn, d)
	}
	if err == nil || errors.Is(err, io.EOF) {
		return nil
	}
	return fmt.Errorf("speak NBD: %w", err)
}
