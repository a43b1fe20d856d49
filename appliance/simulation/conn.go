package simulation

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// conn is one end of a connection: a queue of what the other end sent, each
// piece with the time it arrives.
type conn struct {
	network       *Network
	local, remote string // hosts
	addrs         [2]addr
	peer          *conn

	mu       sync.Mutex
	queue    []piece
	last     time.Time // arrival of the newest piece: TCP keeps the order
	ended    bool      // the other end closed after the queue
	broken   bool      // reset: nothing more in either direction
	closed   bool      // by this end
	deadline [2]time.Time
	changed  chan struct{} // closed and replaced at every change
}

type piece struct {
	at   time.Time
	data []byte
}

const (
	reading = iota
	writing
)

// window bounds what is on the way in one direction, as TCP's does.
const window = 256 << 10

func (n *Network) connect(from string, l *listener) (near, far *conn) {
	near = &conn{network: n, local: from, remote: l.host.name, changed: make(chan struct{})}
	far = &conn{network: n, local: l.host.name, remote: from, changed: make(chan struct{})}
	near.addrs = [2]addr{addr(from + ":0"), l.address}
	far.addrs = [2]addr{l.address, addr(from + ":0")}
	near.peer, far.peer = far, near
	n.mu.Lock()
	defer n.mu.Unlock()
	n.conns[near], n.conns[far] = true, true
	return near, far
}

func (c *conn) wake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wakeLocked()
}

func (c *conn) wakeLocked() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	for {
		n, wait, err := c.tryRead(p)
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
		wait()
	}
}

// tryRead takes what has arrived, or returns a function that waits until
// something may have changed.
func (c *conn) tryRead(p []byte) (n int, wait func(), err error) {
	cut := c.network.cut(c.remote, c.local)
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	switch {
	case c.closed:
		return 0, nil, net.ErrClosed
	case c.broken:
		return 0, nil, syscall.ECONNRESET
	case c.expired(reading, now):
		return 0, nil, os.ErrDeadlineExceeded
	case len(c.queue) > 0 && !cut && !c.queue[0].at.After(now):
		n = copy(p, c.queue[0].data)
		if c.queue[0].data = c.queue[0].data[n:]; len(c.queue[0].data) == 0 {
			c.queue = c.queue[1:]
		}
		c.wakeLocked() // a writer may wait for room
		return n, nil, nil
	case len(c.queue) == 0 && c.ended:
		return 0, nil, io.EOF
	}
	until := c.deadline[reading]
	if len(c.queue) > 0 && !cut && (until.IsZero() || c.queue[0].at.Before(until)) {
		until = c.queue[0].at
	}
	return 0, waiter(c.changed, until), nil
}

// waiter returns a function that blocks until changed is closed or the time
// has come; the zero time never comes.
func waiter(changed chan struct{}, until time.Time) func() {
	return func() {
		if until.IsZero() {
			<-changed
			return
		}
		t := time.NewTimer(time.Until(until))
		defer t.Stop()
		select {
		case <-changed:
		case <-t.C:
		}
	}
}

func (c *conn) expired(direction int, now time.Time) bool {
	d := c.deadline[direction]
	return !d.IsZero() && !now.Before(d)
}

// Write implements net.Conn: it waits for room in the window, then returns;
// the data arrives after the line's delay.
func (c *conn) Write(p []byte) (int, error) {
	written := 0
	for written < len(p) {
		if err := c.writable(); err != nil {
			return written, err
		}
		part := p[written:min(len(p), written+window/4)]
		ok, wait := c.peer.arrive(part, c.network.delay(c.local, c.remote, part))
		if ok {
			written += len(part)
			continue
		}
		c.mu.Lock()
		until := c.deadline[writing]
		c.mu.Unlock()
		wait(until)
	}
	return written, c.writable()
}

func (c *conn) writable() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return net.ErrClosed
	case c.broken:
		return syscall.EPIPE
	case c.expired(writing, time.Now()):
		return os.ErrDeadlineExceeded
	}
	return nil
}

// arrive queues data at this end, or returns how to wait for room.
func (c *conn) arrive(data []byte, delay time.Duration) (ok bool, wait func(until time.Time)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	waiting := 0
	for _, p := range c.queue {
		waiting += len(p.data)
	}
	if waiting > window && !c.closed && !c.broken {
		changed := c.changed
		return false, func(until time.Time) { waiter(changed, until)() }
	}
	at := time.Now().Add(delay)
	if at.Before(c.last) {
		at = c.last
	}
	c.last = at
	c.queue = append(c.queue, piece{at, append([]byte(nil), data...)})
	c.wakeLocked()
	return true, nil
}

// Close implements net.Conn: the other end reads what is on the way, then EOF.
func (c *conn) Close() error {
	c.mu.Lock()
	already := c.closed
	c.closed = true
	c.wakeLocked()
	c.mu.Unlock()
	if already {
		return net.ErrClosed
	}
	c.peer.mu.Lock()
	c.peer.ended = true
	c.peer.wakeLocked()
	c.peer.mu.Unlock()
	c.forget()
	return nil
}

// reset breaks both ends.
func (c *conn) reset() {
	for _, end := range []*conn{c, c.peer} {
		end.mu.Lock()
		end.broken = true
		end.wakeLocked()
		end.mu.Unlock()
		end.forget()
	}
}

func (c *conn) forget() {
	c.network.mu.Lock()
	defer c.network.mu.Unlock()
	delete(c.network.conns, c)
}

func (c *conn) LocalAddr() net.Addr  { return c.addrs[0] }
func (c *conn) RemoteAddr() net.Addr { return c.addrs[1] }

// SetDeadline implements net.Conn.
func (c *conn) SetDeadline(t time.Time) error {
	c.setDeadline(t, reading, writing)
	return nil
}

// SetReadDeadline implements net.Conn.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.setDeadline(t, reading)
	return nil
}

// SetWriteDeadline implements net.Conn.
func (c *conn) SetWriteDeadline(t time.Time) error {
	c.setDeadline(t, writing)
	return nil
}

func (c *conn) setDeadline(t time.Time, directions ...int) {
	c.mu.Lock()
	for _, d := range directions {
		c.deadline[d] = t
	}
	c.wakeLocked()
	c.mu.Unlock()
	c.peer.wake() // a writer waits on its peer's queue
}
