package uniontest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

// Network joins named hosts by connections in memory. A cut between two hosts
// loses what either sends, silently and for ever on connections that were
// open, as a pulled cable does; new connections hang until their context ends.
type Network struct {
	mu        sync.Mutex
	delay     time.Duration
	listeners map[string]*listener
	cuts      map[[2]string]bool
	conns     map[*conn]bool
}

// NewNetwork returns a network without hosts.
func NewNetwork() *Network {
	return &Network{listeners: map[string]*listener{}, cuts: map[[2]string]bool{}, conns: map[*conn]bool{}}
}

func pair(a, b string) [2]string {
	if a > b {
		a, b = b, a
	}
	return [2]string{a, b}
}

// Listen returns the listener of a host. A host listens once at a time.
func (n *Network) Listen(host string) net.Listener {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.listeners[host] != nil {
		panic(fmt.Sprintf("host %s listens twice", host))
	}
	l := &listener{n: n, host: host, incoming: make(chan net.Conn), closed: make(chan struct{})}
	n.listeners[host] = l
	return l
}

// Transport returns the HTTP transport of a host; "http://name" reaches a host.
func (n *Network) Transport(from string) *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			host, _, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			return n.dial(ctx, from, host)
		},
		MaxIdleConnsPerHost: 16,
		DisableCompression:  true,
	}
}

// Delay makes everything sent take that long, one way.
func (n *Network) Delay(d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.delay = d
}

// Cut parts two hosts until Heal.
func (n *Network) Cut(a, b string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cuts[pair(a, b)] = true
	for c := range n.conns {
		if c.link == pair(a, b) {
			c.lose()
		}
	}
}

// Heal joins two hosts again.
func (n *Network) Heal(a, b string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.cuts, pair(a, b))
}

// Drop closes all connections of a host, as the death of its program does.
func (n *Network) Drop(host string) {
	n.mu.Lock()
	var doomed []*conn
	for c := range n.conns {
		if c.link[0] == host || c.link[1] == host {
			doomed = append(doomed, c)
		}
	}
	n.mu.Unlock()
	for _, c := range doomed {
		c.Close()
	}
}

func (n *Network) dial(ctx context.Context, from, to string) (net.Conn, error) {
	n.mu.Lock()
	l, cut := n.listeners[to], n.cuts[pair(from, to)]
	n.mu.Unlock()
	if cut {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if l == nil {
		return nil, fmt.Errorf("dial %s: %w", to, syscall.ECONNREFUSED)
	}
	here, there := net.Pipe()
	near, far := n.join(here, from, to), n.join(there, from, to)
	select {
	case l.incoming <- far:
		return near, nil
	case <-l.closed:
	case <-ctx.Done():
	}
	near.Close()
	far.Close()
	return nil, errors.Join(fmt.Errorf("dial %s: %w", to, syscall.ECONNREFUSED), ctx.Err())
}

func (n *Network) join(c net.Conn, from, to string) *conn {
	n.mu.Lock()
	defer n.mu.Unlock()
	joined := &conn{Conn: c, n: n, link: pair(from, to), lost: make(chan struct{})}
	n.conns[joined] = true
	if n.cuts[joined.link] { // since it was dialled
		joined.lose()
	}
	return joined
}

// conn is one end of a connection.
type conn struct {
	net.Conn
	n    *Network
	link [2]string
	once sync.Once
	lost chan struct{}
}

func (c *conn) lose() { c.once.Do(func() { close(c.lost) }) }

// Write sends, or loses, what it is given.
func (c *conn) Write(b []byte) (int, error) {
	c.n.mu.Lock()
	delay := c.n.delay
	c.n.mu.Unlock()
	if delay > 0 {
		time.Sleep(delay)
	}
	select {
	case <-c.lost:
		return len(b), nil
	default:
		return c.Conn.Write(b)
	}
}

// Close ends this side; a lost connection's other side does not notice.
func (c *conn) Close() error {
	c.n.mu.Lock()
	delete(c.n.conns, c)
	c.n.mu.Unlock()
	select {
	case <-c.lost:
		return c.Conn.SetDeadline(time.Now())
	default:
		return c.Conn.Close()
	}
}

type listener struct {
	n        *Network
	host     string
	incoming chan net.Conn
	once     sync.Once
	closed   chan struct{}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.incoming:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *listener) Close() error {
	l.once.Do(func() {
		l.n.mu.Lock()
		delete(l.n.listeners, l.host)
		l.n.mu.Unlock()
		close(l.closed)
	})
	return nil
}

// Addr implements net.Listener.
func (l *listener) Addr() net.Addr { return address(l.host) }

type address string

func (a address) Network() string { return "memory" }
func (a address) String() string  { return string(a) }
