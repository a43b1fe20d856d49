package lan

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

const (
	// probes are sent this often, this far apart. RFC 5227 waits seconds; a
	// machine on the same LAN answers within milliseconds.
	probes     = 3
	probePause = 110 * time.Millisecond
	recheck    = time.Second
)

// InUseError says that a stranger on the LAN has the shared address.
type InUseError struct {
	Address  netip.Addr
	Hardware string // of the stranger
}

func (e *InUseError) Error() string {
	return fmt.Sprintf("%v is already used by the machine with hardware address %s: give that machine another address, or share another one", e.Address, e.Hardware)
}

// claims is what was heard about who has which address, until this box has
// taken the shared ones for the first time.
type claims struct {
	asked bool // the first check has begun; the link's lock guards it

	mu      sync.Mutex
	of      map[netip.Addr]hardware
	group   bool // a master of the group was heard: the address is the group's
	settled bool
}

func (c *claims) note(n claim) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.settled {
		return
	}
	if c.of == nil {
		c.of = map[netip.Addr]hardware{}
	}
	c.of[n.address] = n.hardware
}

func (c *claims) masterHeard() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.group = true
}

func (c *claims) settle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settled, c.of = true, nil
}

func (c *claims) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.of)
}

// stranger is the reason why an address must not be taken, or nil. A peer whose
// program is dead may still have it in its kernel: that is no stranger, and
// announcing it takes it away.
func (c *claims) stranger(shared []netip.Addr) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.settled || c.group {
		return nil
	}
	own := maps.Clone(c.of)
	for _, a := range shared {
		delete(own, a)
	}
	peers := slices.Collect(maps.Values(own)) // only shared addresses and peers are asked for
	for _, a := range shared {
		if h, claimed := c.of[a]; claimed && !slices.Contains(peers, h) {
			return &InUseError{Address: a, Hardware: net.HardwareAddr(h[:]).String()}
		}
	}
	return nil
}

// check asks the LAN for the shared addresses before the link is reported up,
// and then each second while a stranger has one.
func (l *Link) check() {
	for {
		if !l.askAround() {
			return
		}
		l.mu.Lock()
		l.checked = true
		l.tellCarrier()
		l.mu.Unlock()
		if l.claims.stranger(l.config.addresses()) == nil || !l.pause(recheck) {
			return
		}
		l.claims.forget()
	}
}

// askAround returns false if the link was closed.
func (l *Link) askAround() bool {
	for range probes {
		l.mu.Lock()
		if l.wire != nil {
			if err := l.wire.ask(append(l.config.addresses(), l.config.Peers...)); err != nil {
				l.log.Debug("ask for the shared address", "err", err) // the cable may have gone again
			}
		}
		l.mu.Unlock()
		if !l.pause(probePause) {
			return false
		}
	}
	return true
}

func (l *Link) pause(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-l.closed:
		return false
	}
}
