package lan

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/argss/argss/vip"
	"github.com/argss/argss/vip/carp"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Link is one box's end of the group. Open obtains it, Close ends it.
type Link struct {
	config Config
	log    *slog.Logger
	key    *carp.Key
	kernel *netlink.Handle
	beats  *socket
	peers  []*peer
	origin time.Time
	inbox  inbox
	closed chan struct{}
	work   sync.WaitGroup

	counter uint64 // of the last CARP frame; only Send uses it
	payload []byte // its bytes, reused

	spoke      atomic.Int64 // when Send was last called, on the link's clock
	plainUntil atomic.Int64 // a box that knows no demotion was heard before
	counts     counts
	claims     claims
	strangers  strangers

	mu      sync.Mutex
	gone    bool
	carrier bool
	told    bool  // carrier as Inputs has it
	checked bool  // the first duplicate-address check is over
	wire    *wire // nil while the interface is not there
}

var (
	_ vip.Link    = (*Link)(nil)
	_ vip.Drainer = (*Link)(nil)
)

// Open removes the shared addresses from the interface, where an earlier life of
// this box may have left them, and begins to listen. The interface must exist
// and have the source address. LinkUp comes when the cable carries and the LAN
// had a third of a second to object to the shared addresses.
func Open(c Config) (*Link, error) {
	l, err := open(c)
	if err != nil {
		return nil, fmt.Errorf("open link on %s: %w", c.Interface, err)
	}
	return l, nil
}

func open(c Config) (*Link, error) {
	if c.Port == 0 {
		c.Port = DefaultPort
	}
	c.Peers, c.Shared = slices.Clone(c.Peers), slices.Clone(c.Shared)
	if err := c.Validate(); err != nil {
		return nil, err
	}
	key, secret, err := c.keys()
	if err != nil {
		return nil, err
	}
	l := &Link{
		config: c, log: c.Log, key: key,
		origin:  time.Now().Add(-time.Second), // the clock is never 0
		inbox:   inbox{inputs: make(chan vip.Input, inboxSize)},
		closed:  make(chan struct{}),
		counter: uint64(time.Now().UnixNano()),
	}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	l.strangers.log = l.log
	l.spoke.Store(-int64(time.Hour))
	for _, p := range c.Peers {
		l.peers = append(l.peers, newPeer(c, secret, p))
	}
	if l.kernel, err = netlink.NewHandle(unix.NETLINK_ROUTE); err != nil {
		return nil, fmt.Errorf("open netlink: %w", err)
	}
	if err := l.begin(); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (l *Link) begin() error {
	found, err := l.kernel.LinkByName(l.config.Interface)
	if err != nil {
		return err
	}
	if err := l.remove(found.Attrs().Index); err != nil {
		return fmt.Errorf("remove the shared address left from before: %w", err)
	}
	if err := l.openBeats(found.Attrs().Index); err != nil {
		return err
	}
	updates, stop, err := l.subscribe()
	if err != nil {
		return err
	}
	l.observe(found, false)
	l.work.Go(func() { l.watch(updates, stop) })
	l.work.Go(l.beat)
	return nil
}

// Inputs implements vip.Link.
func (l *Link) Inputs() <-chan vip.Input { return l.inbox.inputs }

// Send implements vip.Link.
func (l *Link) Send(a vip.Advert) error {
	l.spoke.Store(int64(l.now()))
	errBeats := l.tell(vip.Master, a)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone {
		return fmt.Errorf("send advert: %w", net.ErrClosed)
	}
	if l.wire == nil {
		return errNoInterface
	}
	l.counter++
	l.payload = l.key.Append(l.payload[:0], carp.Packet{Advert: l.spelled(a), Counter: l.counter})
	errCARP := l.wire.advertise(l.payload)
	if errCARP != nil && (errBeats != nil || len(l.peers) == 0) {
		return errors.Join(errCARP, errBeats)
	}
	return nil
}

// spelled is the advert as boxes that know no demotion must read it.
func (l *Link) spelled(a vip.Advert) vip.Advert {
	const worst = 240 // of FreeBSD; more would look like a goodbye to some
	plain := l.config.Plain || int64(l.now()) < l.plainUntil.Load()
	if plain && a.Demotion > 0 && !a.IsBowOut() {
		a.Base, a.Skew = max(a.Base, 1), max(a.Skew, worst)
	}
	return a
}

// Announce implements vip.Link.
func (l *Link) Announce() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.wire == nil {
		return errNoInterface
	}
	return l.wire.announce(l.config.addresses())
}

// Drain implements vip.Drainer.
func (l *Link) Drain() {
	l.mu.Lock()
	w := l.wire
	l.mu.Unlock()
	if w != nil {
		w.packets.drain()
	}
	l.beats.drain()
}

// Close ends the link: the addresses are removed, nothing is said to the
// others, Inputs is closed. To leave in good order end the agent first.
func (l *Link) Close() error {
	l.mu.Lock()
	if l.gone {
		l.mu.Unlock()
		return nil
	}
	l.gone = true
	close(l.closed)
	w := l.wire
	l.wire = nil
	l.mu.Unlock()
	var err error
	if w != nil {
		err = l.remove(w.index)
		w.close()
	}
	if l.beats != nil {
		l.beats.close()
	}
	l.work.Wait()
	l.kernel.Close()
	l.inbox.close()
	if err != nil {
		return fmt.Errorf("close link on %s: %w", l.config.Interface, err)
	}
	return nil
}

var errNoInterface = errors.New("the interface is not there")

func (l *Link) now() time.Duration { return time.Since(l.origin) }
