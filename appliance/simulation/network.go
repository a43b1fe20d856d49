package simulation

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// Network is a simulated network of hosts that speak TCP to each other. Lines
// between hosts can be cut, one way or both; hosts can lose power. It is safe
// for concurrent use.
//
// Whatever takes time takes a time drawn from the seed, the instant and what
// is carried, and from nothing else: of two goroutines that send at one instant
// either may come first, and a stream they shared would let that decide what
// happens later.
type Network struct {
	seed    uint64
	latency Latency
	dials   sync.WaitGroup // under way, some of them forgotten by who asked

	mu        sync.Mutex // never held while a conn's is taken
	listeners map[string]*listener
	owners    map[string]string // the host that last listened on an address
	up        map[string]*Host  // by name
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
		owners:    map[string]string{},
		up:        map[string]*Host{},
		conns:     map[*conn]bool{},
		cuts:      map[[2]string]bool{},
	}
}

// Cut stops everything sent from one host to another. As with TCP nothing is
// lost: it arrives after Mend, or never if an end gives up before.
func (n *Network) Cut(from, to string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cuts[[2]string{from, to}] = true
}

// Mend undoes Cut. What waited arrives when its sender tries again, each
// connection for itself.
func (n *Network) Mend(from, to string) {
	n.mu.Lock()
	delete(n.cuts, [2]string{from, to})
	n.mu.Unlock()
	for _, c := range n.those(func(c *conn) bool { return c.peer.host.name == from && c.host.name == to }) {
		c.postpone(n.retry(c))
	}
}

func (n *Network) cut(from, to string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.cuts[[2]string{from, to}]
}

func (n *Network) those(match func(*conn) bool) (found []*conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for c := range n.conns {
		if match(c) {
			found = append(found, c)
		}
	}
	return found
}

// draw returns a number that depends on the seed, the instant and what is
// given.
func (n *Network) draw(number uint64, texts ...string) uint64 {
	h := fnv.New64a()
	var b [24]byte
	binary.LittleEndian.PutUint64(b[:8], n.seed)
	binary.LittleEndian.PutUint64(b[8:], uint64(time.Now().UnixNano()))
	binary.LittleEndian.PutUint64(b[16:], number)
	h.Write(b[:])
	for _, t := range texts {
		h.Write([]byte(t))
		h.Write(b[:1])
	}
	return h.Sum64()
}

// delay is how long something takes from one host to another.
func (n *Network) delay(from, to string, drawn uint64) time.Duration {
	low, spread := n.latency(from, to)
	return low + time.Duration(drawn%uint64(spread))
}

// retry is how long it takes until TCP sends again what was not answered.
func (n *Network) retry(c *conn) time.Duration {
	return 50*time.Millisecond + time.Duration(n.draw(c.mark.Load())%uint64(time.Second))
}

// Host is one host's hands on the network, from power on to power off.
type Host struct {
	name    string
	network *Network
	off     bool // guarded by the network's lock
}

// Host switches a host on. What others sent to connections it had before it
// was switched off is answered with a reset.
func (n *Network) Host(name string) *Host {
	h := &Host{name: name, network: n}
	n.mu.Lock()
	n.up[name] = h
	n.mu.Unlock()
	for _, c := range n.those(func(c *conn) bool { return c.peer.host.name == name }) {
		if c.peer.unanswered() {
			c.resetAfter(n.retry(c))
		}
	}
	return h
}

// Kill ends everything the host does, as the kernel does it for a killed
// process: the other ends of its connections are reset.
func (h *Host) Kill() {
	n := h.network
	for _, c := range h.end() {
		if other := c.peer.host.name; !n.cut(h.name, other) {
			c.peer.resetAfter(n.delay(h.name, other, n.draw(c.mark.Load())))
		}
	}
}

// Unplug ends everything the host does without a word to anybody.
func (h *Host) Unplug() { h.end() }

// end silences the host and returns its ends of connections.
func (h *Host) end() []*conn {
	n := h.network
	n.mu.Lock()
	h.off = true
	if n.up[h.name] == h {
		delete(n.up, h.name)
	}
	var closed []*listener
	for _, l := range n.listeners {
		if l.host == h {
			closed = append(closed, l)
		}
	}
	n.mu.Unlock()
	conns := n.those(func(c *conn) bool { return c.host == h })
	for _, c := range conns {
		c.die()
	}
	for _, l := range closed {
		l.Close()
	}
	return conns
}

func (h *Host) isOff() bool {
	h.network.mu.Lock()
	defer h.network.mu.Unlock()
	return h.off
}

// connectTimeout is how long a dial waits for an answer, as RealParts' do.
const connectTimeout = 5 * time.Second

// DialContext connects to an address; it has the form http.Transport wants.
func (h *Host) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	return h.dialNumbered(ctx, 0, address)
}

func (h *Host) dialNumbered(ctx context.Context, number uint64, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	h.network.dials.Add(1)
	defer h.network.dials.Done()
	c, err := h.dial(ctx, number, address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: addr(address), Err: err}
	}
	return c, nil
}

func (h *Host) dial(ctx context.Context, number uint64, address string) (net.Conn, error) {
	n := h.network
	drawn := n.draw(number, h.name, address)
	if err := sleep(ctx, n.delay(h.name, n.owner(address), drawn)); err != nil {
		return nil, err
	}
	n.mu.Lock()
	l, owner := n.listeners[address], n.owners[address]
	off, there := h.off, n.up[owner] != nil
	n.mu.Unlock()
	switch {
	case off:
		return nil, syscall.ENETDOWN
	case !there || n.cut(h.name, owner) || n.cut(owner, h.name):
		<-ctx.Done() // no answer, ever
		return nil, os.ErrDeadlineExceeded
	case l == nil:
		return nil, syscall.ECONNREFUSED
	}
	near, far := n.connect(h, l.host, address)
	near.mark.Store(drawn)
	select {
	case l.backlog <- far:
		return near, nil
	default:
		near.reset()
		return nil, syscall.ECONNREFUSED
	}
}

func (n *Network) owner(address string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.owners[address]
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
