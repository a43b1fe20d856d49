package simulation

import (
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// conn is one end of a connection: a queue of what the other end sent, each
// piece with the time it arrives.
type conn struct {
	host  *Host
	addrs [2]addr
	peer  *conn
	mark  *atomic.Uint64 // of both ends: tells connections apart by what they carried

	mu       sync.Mutex // may be held while the network's is taken
	queue    []piece
	last     time.Time // arrival of the newest piece: TCP keeps the order
	broken   bool      // reset: nothing more in either direction
	dead     bool      // this end's host is off
	unheard  bool      // something was sent to it since
	closed   bool      // by this end
	resetAt  time.Time // a reset is on the way
	deadline [2]time.Time
	changed  chan struct{} // closed and replaced at every change
}

type piece struct {
	at   time.Time
	data []byte // nil: the other end has closed
}

const (
	reading = iota
	writing
)

// window bounds what is on the way in one direction, as TCP's does.
const window = 256 << 10

func (n *Network) connect(from, to *Host, address string) (near, far *conn) {
	mark := new(atomic.Uint64)
	near = &conn{host: from, mark: mark, changed: make(chan struct{})}
	far = &conn{host: to, mark: mark, changed: make(chan struct{})}
	near.addrs = [2]addr{addr(from.name + ":0"), addr(address)}
	far.addrs = [2]addr{addr(address), addr(from.name + ":0")}
	near.peer, far.peer = far, near
	n.mu.Lock()
	defer n.mu.Unlock()
	n.conns[near], n.conns[far] = true, true
	return near, far
}

func (c *conn) wake() {
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
	c.mu.Lock()
	defer c.mu.Unlock()
	cut := c.host.network.cut(c.peer.host.name, c.host.name)
	now := time.Now()
	switch {
	case len(c.queue) > 0 && !cut && !c.queue[0].at.After(now) && !c.closed && !c.broken && !c.expired(reading, now):
		if c.queue[0].data == nil {
			return 0, nil, io.EOF
		}
		n = copy(p, c.queue[0].data)
		if c.queue[0].data = c.queue[0].data[n:]; len(c.queue[0].data) == 0 {
			c.queue = c.queue[1:]
		}
		c.wake() // a writer may wait for room
		return n, nil, nil
	case c.failure(reading, now, syscall.ECONNRESET) != nil:
		return 0, nil, c.failure(reading, now, syscall.ECONNRESET)
	}
	until := earlier(c.deadline[reading], c.resetAt)
	if len(c.queue) > 0 && !cut {
		until = earlier(until, c.queue[0].at)
	}
	return 0, waiter(c.changed, until), nil
}

// failure tells why an end cannot be used any more.
func (c *conn) failure(direction int, now time.Time, reset error) error {
	switch {
	case c.closed:
		return net.ErrClosed
	case c.broken, c.host.isOff(), !c.resetAt.IsZero() && !now.Before(c.resetAt):
		return reset
	case c.expired(direction, now):
		return os.ErrDeadlineExceeded
	}
	return nil
}

// earlier returns the earlier of two times; the zero time never comes.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
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
		until, err := c.writable()
		if err != nil {
			return written, err
		}
		part := p[written:min(len(p), written+window/4)]
		ok, wait := c.peer.arrive(part)
		if ok {
			written += len(part)
			continue
		}
		wait(until)
	}
	_, err := c.writable()
	return written, err
}

// writable returns until when there is no reason not to write.
func (c *conn) writable() (until time.Time, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return earlier(c.deadline[writing], c.resetAt), c.failure(writing, time.Now(), syscall.EPIPE)
}

// arrive queues data at this end, or returns how to wait for room.
func (c *conn) arrive(data []byte) (ok bool, wait func(until time.Time)) {
	n, from, to := c.host.network, c.peer.host.name, c.host.name
	drawn := n.draw(0, from, to, string(data))
	c.mark.Add(drawn)
	if c.deaf() {
		if n.isUp(to) {
			c.peer.resetAfter(n.delay(from, to, drawn) + n.delay(to, from, drawn))
		}
		return true, nil
	}
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
	at := time.Now().Add(n.delay(from, to, drawn))
	if at.Before(c.last) {
		at = c.last
	}
	c.last = at
	c.queue = append(c.queue, piece{at, append([]byte(nil), data...)})
	c.wake()
	return true, nil
}

func (n *Network) isUp(name string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.up[name] != nil
}

// postpone lets what is due arrive later.
func (c *conn) postpone(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	soonest := time.Now().Add(d)
	for i := range c.queue {
		if c.queue[i].at.Before(soonest) {
			c.queue[i].at = soonest
			c.last = later(c.last, soonest)
		}
	}
	c.wake()
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// Close implements net.Conn: the other end reads what is on the way, then EOF.
func (c *conn) Close() error {
	c.mu.Lock()
	already, dead := c.closed, c.dead
	c.closed = true
	c.wake()
	c.mu.Unlock()
	if already {
		return net.ErrClosed
	}
	c.forget()
	if !dead {
		n := c.host.network
		c.peer.finish(n.delay(c.host.name, c.peer.host.name, n.draw(c.mark.Load())))
	}
	return nil
}

// finish lets the end of what is sent to this end arrive behind it.
func (c *conn) finish(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = later(c.last, time.Now().Add(d))
	c.queue = append(c.queue, piece{c.last, nil})
	c.wake()
}

// die breaks this end without a word to the other.
func (c *conn) die() {
	c.mu.Lock()
	c.broken, c.dead = true, true
	c.mu.Unlock()
	c.stir()
}

// stir wakes who reads this end and who writes to the other.
func (c *conn) stir() {
	for _, end := range []*conn{c, c.peer} {
		end.mu.Lock()
		end.wake()
		end.mu.Unlock()
	}
}

// deaf tells whether what is sent to this end is heard by nobody, and notes
// that something was.
func (c *conn) deaf() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unheard = c.unheard || c.dead
	return c.dead
}

// unanswered tells whether something was sent to this dead end.
func (c *conn) unanswered() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dead && c.unheard
}

// resetAfter lets a reset reach this end.
func (c *conn) resetAfter(d time.Duration) {
	c.mu.Lock()
	c.resetAt = earlier(c.resetAt, time.Now().Add(d))
	c.mu.Unlock()
	c.stir()
}

// reset breaks both ends at once.
func (c *conn) reset() {
	for _, end := range []*conn{c, c.peer} {
		end.mu.Lock()
		end.broken = true
		end.wake()
		end.mu.Unlock()
		end.forget()
	}
}

func (c *conn) forget() {
	n := c.host.network
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.conns, c)
}

// LocalAddr implements net.Conn.
func (c *conn) LocalAddr() net.Addr { return c.addrs[0] }

// RemoteAddr implements net.Conn.
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
	c.mu.Unlock()
	c.stir()
}
