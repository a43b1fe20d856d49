package bench

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// Link is a line between two cities on loopback: a relay that lets through only
// so many bytes a second in each direction, all connections together, and
// delivers each half a round trip later.
type Link struct {
	listener net.Listener
	target   string
	up, down lane
	all      sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn
}

// lane is one direction.
type lane struct {
	perSecond float64
	delay     time.Duration

	mu   sync.Mutex
	free time.Time // when all that was accepted has left
}

const (
	chunk   = 8 << 10               // bytes that travel as one
	ahead   = 10 * time.Millisecond // of sending time the line's first router buffers
	flights = 256                   // chunks on their way, a connection
)

// OpenLink relays connections to its own address to the target. The rate is in
// bits a second.
func OpenLink(target string, rate float64, roundTrip time.Duration) (*Link, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	k := &Link{listener: l, target: target}
	for _, d := range []*lane{&k.up, &k.down} {
		d.perSecond, d.delay = rate/8, roundTrip/2
	}
	k.all.Go(k.accept)
	return k, nil
}

// Address is where the link's near end listens, host:port.
func (k *Link) Address() string { return k.listener.Addr().String() }

// Close cuts the line.
func (k *Link) Close() error {
	err := k.listener.Close()
	k.mu.Lock()
	for _, c := range k.conns {
		c.Close()
	}
	k.mu.Unlock()
	k.all.Wait()
	return err
}

func (k *Link) accept() {
	for {
		near, err := k.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", k.target)
		if err != nil {
			near.Close()
			continue
		}
		k.mu.Lock()
		k.conns = append(k.conns, near, far)
		k.mu.Unlock()
		k.all.Go(func() { k.up.carry(far, near) })
		k.all.Go(func() { k.down.carry(near, far) })
	}
}

type flight struct {
	data    []byte
	arrives time.Time
}

// carry moves bytes one way until either end closes.
func (l *lane) carry(to io.WriteCloser, from io.ReadCloser) {
	way := make(chan flight, flights)
	var landing sync.WaitGroup
	landing.Go(func() {
		defer to.Close()
		var failed error
		for f := range way {
			time.Sleep(time.Until(f.arrives))
			if failed == nil {
				_, failed = to.Write(f.data)
			}
			if failed != nil {
				from.Close()
			}
		}
	})
	for {
		data := make([]byte, chunk)
		n, err := from.Read(data)
		if n > 0 {
			left := l.depart(n)
			way <- flight{data[:n], left.Add(l.delay)}
			time.Sleep(time.Until(left) - ahead)
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				to.Close()
			}
			break
		}
	}
	close(way)
	landing.Wait()
}

// depart returns when n bytes have left, behind all that were before them.
func (l *lane) depart(n int) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); l.free.Before(now) {
		l.free = now
	}
	l.free = l.free.Add(time.Duration(float64(n) / l.perSecond * float64(time.Second)))
	return l.free
}
