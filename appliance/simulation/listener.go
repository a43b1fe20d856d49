package simulation

import (
	"fmt"
	"net"
	"sync"
	"syscall"
)

// addr is an address of the simulated network.
type addr string

func (a addr) Network() string { return "tcp" }
func (a addr) String() string  { return string(a) }

type listener struct {
	host    *Host
	address addr
	backlog chan *conn
	closed  chan struct{}
	once    sync.Once
}

// Listen takes an address nobody listens on.
func (h *Host) Listen(address string) (net.Listener, error) {
	n := h.network
	n.mu.Lock()
	defer n.mu.Unlock()
	var err error
	switch {
	case h.off:
		err = syscall.ENETDOWN
	case n.listeners[address] != nil:
		err = syscall.EADDRINUSE
	}
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Addr: addr(address), Err: err}
	}
	l := &listener{host: h, address: addr(address), backlog: make(chan *conn, 64), closed: make(chan struct{})}
	n.listeners[address], n.owners[address] = l, h.name
	return l, nil
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case <-l.closed:
	default:
		select {
		case c := <-l.backlog:
			return c, nil
		case <-l.closed:
		}
	}
	return nil, fmt.Errorf("accept on %s: %w", l.address, net.ErrClosed)
}

// Close implements net.Listener: who waits to be accepted is reset, unless the
// host is without power and says nothing any more.
func (l *listener) Close() error {
	n := l.host.network
	n.mu.Lock()
	if n.listeners[string(l.address)] == l {
		delete(n.listeners, string(l.address))
	}
	n.mu.Unlock()
	l.once.Do(func() { close(l.closed) })
	for {
		select {
		case c := <-l.backlog:
			if !l.host.isOff() {
				c.reset()
			}
		default:
			return nil
		}
	}
}

// Addr implements net.Listener.
func (l *listener) Addr() net.Addr { return l.address }
