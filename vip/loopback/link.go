package loopback

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/argss/argss/vip"
	"github.com/argss/argss/vip/carp"
)

// Link is one box's end of the group. Open obtains it, Close ends it.
type Link struct {
	config Config
	key    *carp.Key
	socket *net.UDPConn
	closed chan struct{}
	work   sync.WaitGroup // the reader and what serves

	counter uint64 // of the last advert; only Send uses it
	frame   []byte // its bytes, reused

	mark  uint64 // of the last Drain; only Drain uses it
	marks chan uint64

	counts counts

	mu       sync.Mutex
	gone     bool
	inputs   chan vip.Input
	listener net.Listener // on the shared address while this box holds it
}

var (
	_ vip.Link    = (*Link)(nil)
	_ vip.Drainer = (*Link)(nil)
)

// Open binds the box's own address and begins to listen. The shared address is
// not touched before Take.
func Open(c Config) (*Link, error) {
	key, err := c.validate()
	if err != nil {
		return nil, fmt.Errorf("open loopback link: %w", err)
	}
	socket, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(c.Source))
	if err != nil {
		return nil, fmt.Errorf("open loopback link: %w", err)
	}
	c.Peers = slices.Clone(c.Peers)
	l := &Link{
		config:  c,
		key:     key,
		socket:  socket,
		closed:  make(chan struct{}),
		counter: uint64(time.Now().UnixNano()), // goes on from before a restart
		marks:   make(chan uint64, 64),
		inputs:  make(chan vip.Input, inputsCap),
	}
	l.give(vip.LinkUp{})
	l.work.Go(l.read)
	return l, nil
}

// Inputs implements vip.Link.
func (l *Link) Inputs() <-chan vip.Input { return l.inputs }

// Send implements vip.Link. A peer whose process is dead refuses datagrams,
// which is an ordinary day here.
func (l *Link) Send(a vip.Advert) error {
	l.counter++
	l.frame = l.key.Append(l.frame[:0], carp.Packet{Advert: a, Counter: l.counter})
	if l.isGone() {
		return fmt.Errorf("send advert: %w", net.ErrClosed)
	}
	var failed []error
	for _, peer := range l.config.Peers {
		_, err := l.socket.WriteToUDPAddrPort(l.frame, peer)
		if err != nil && !errors.Is(err, syscall.ECONNREFUSED) {
			failed = append(failed, err)
		}
	}
	if len(failed) > 0 && len(failed) == len(l.config.Peers) {
		return fmt.Errorf("send advert: %w", errors.Join(failed...))
	}
	return nil // one peer that hears us is enough to settle an election
}

// Announce implements vip.Link. There is nothing to do: the kernel that knows
// who listens is the one that all clients ask.
func (l *Link) Announce() error { return nil }

// Close ends the link at once, as the death of the process would: the address
// is free, nothing is said to the peers, Inputs is closed. It waits for Serve
// to return. To leave in good order end the agent first.
func (l *Link) Close() error {
	l.mu.Lock()
	if l.gone {
		l.mu.Unlock()
		return nil
	}
	l.gone = true
	err := l.release()
	close(l.closed)
	close(l.inputs)
	l.mu.Unlock()

	err = errors.Join(err, l.socket.Close())
	l.work.Wait()
	if err != nil {
		return fmt.Errorf("close loopback link: %w", err)
	}
	return nil
}

func (l *Link) isGone() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.gone
}

const (
	inputsCap = 512
	// newsRoom stays free of adverts, so that what happens to the link itself is
	// never thrown away.
	newsRoom = 32
)

// give queues an input, or throws an advert away when nobody reads.
func (l *Link) give(in vip.Input) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone {
		return
	}
	room := cap(l.inputs) - len(l.inputs)
	if _, heard := in.(vip.Heard); heard {
		room -= newsRoom
	}
	if room <= 0 {
		l.counts.lost.Add(1)
		return
	}
	l.inputs <- in
}

type counts struct{ heard, foreign, broken, lost atomic.Uint64 }
