package simulation

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"net"
	"sync"
	"syscall"
	"time"
)

// Network is a simulated network of hosts that speak TCP to each other. Lines
// between hosts can be cut, one way or both; hosts can lose power. It is safe
// for concurrent use.
type Network struct {
	seed    uint64
	latency Latency

	mu        sync.Mutex
	listeners map[string]*listener
	conns     map[*conn]bool
	cuts      map[[2]string]bool
}

// Latency says how long messages take from one host to another: at least low,
// and less than spread more.
type Latency func(from, to string) (low, spread time.Duration)

// NewNetwork returns a network without hosts.
func NewNetwork(seed uint64, latency Latency) *Network {
	return &Network{
		seed:      seed,
		latency:   latency,
		listeners: map[string]*listener{},
		conns:     map[*conn]bool{},
		cuts:      map[[2]string]bool{},
	}
}

// Host returns the network as one host sees it.
func (n *Network) Host(name string) *Host { return &Host{name, n} }

// Cut stops everything sent from one host to another. As with TCP nothing is
// lost: it arrives after Mend, or never if an end gives up before.
func (n *Network) Cut(from, to string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cuts[[2]string{from, to}] = true
}

// Mend undoes Cut.
func (n *Network) Mend(from, to string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.cuts, [2]string{from, to})
	for c := range n.conns {
		c.wake()
	}
}

func (n *Network) cut(from, to string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.cuts[[2]string{from, to}]
}

// delay draws how long a message takes. The draw depends on the seed, the
// instant and the message, and on nothing else: of two goroutines that send at
// one instant either may come first, and a stream they shared would let that
// decide what happens later.
func (n *Network) delay(from, to string, message []byte) time.Duration {
	h := fnv.New64a()
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], n.seed)
	binary.LittleEndian.PutUint64(b[8:], uint64(time.Now().UnixNano()))
	h.Write(b[:])
	h.Write([]byte(from + "\x00" + to + "\x00"))
	h.Write(message)
	low, spread := n.latency(from, to)
	return low + time.Duration(h.Sum64()%uint64(spread))
}

// Host is one host's hands on the network.
type Host struct {
	name    string
	network *Network
}

// Listen takes an address nobody listens on.
func (h *Host) Listen(address string) (net.Listener, error) {
	h.network.mu.Lock()
	defer h.network.mu.Unlock()
	if h.network.listeners[address] != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Addr: addr(address), Err: syscall.EADDRINUSE}
	}
	l := &listener{host: h, address: addr(address), backlog: make(chan *conn, 64), closed: make(chan struct{})}
	h.network.listeners[address] = l
	return l, nil
}

// DialContext connects to an address; it has the form http.Transport wants.
func (h *Host) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	fail := func(err error) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: addr(address), Err: err}
	}
	h.network.mu.Lock()
	l := h.network.listeners[address]
	h.network.mu.Unlock()
	target := "nobody"
	if l != nil {
		target = l.host.name
	}
	if err := sleep(ctx, h.network.delay(h.name, target, nil)); err != nil {
		return fail(err)
	}
	if h.network.cut(h.name, target) || h.network.cut(target, h.name) {
		<-ctx.Done() // no answer, ever
		return fail(ctx.Err())
	}
	if l == nil {
		return fail(syscall.ECONNREFUSED)
	}
	near, far := h.network.connect(h.name, l)
	select {
	case l.backlog <- far:
		return near, nil
	case <-l.closed:
		near.reset()
		return fail(syscall.ECONNREFUSED)
	case <-ctx.Done():
		near.reset()
		return fail(ctx.Err())
	}
}

// Vanish breaks every connection of the host and frees its addresses, as the
// kernel does for a killed process: the other ends are reset.
func (h *Host) Vanish() {
	h.network.mu.Lock()
	var broken []*conn
	for c := range h.network.conns {
		if c.local == h.name || c.remote == h.name {
			broken = append(broken, c)
		}
	}
	for address, l := range h.network.listeners {
		if l.host.name == h.name {
			delete(h.network.listeners, address)
			l.once.Do(func() { close(l.closed) })
		}
	}
	h.network.mu.Unlock()
	for _, c := range broken {
		c.reset()
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

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

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.backlog:
		return c, nil
	case <-l.closed:
		return nil, fmt.Errorf("accept on %s: %w", l.address, net.ErrClosed)
	}
}

func (l *listener) Close() error {
	n := l.host.network
	n.mu.Lock()
	defer n.mu.Unlock()
	l.once.Do(func() {
		delete(n.listeners, string(l.address))
		close(l.closed)
	})
	return nil
}

func (l *listener) Addr() net.Addr { return l.address }
