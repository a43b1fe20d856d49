package viptest

import (
	"net/netip"

	"github.com/argss/argss/vip"
)

// Link is one box's plug in a Segment. It is a complete vip.Link.
type Link struct {
	segment *Segment
	source  netip.Addr
	inputs  chan vip.Input

	// The segment's lock guards what follows.
	plugged   bool
	dead      bool
	holds     bool
	refuse    error
	announced int
}

var _ vip.Link = (*Link)(nil)

// Inputs implements vip.Link.
func (l *Link) Inputs() <-chan vip.Input { return l.inputs }

// Send implements vip.Link. Sending into a pulled cable is not an error.
func (l *Link) Send(a vip.Advert) error {
	l.segment.mu.Lock()
	defer l.segment.mu.Unlock()
	if l.dead {
		return errDead
	}
	for _, to := range l.segment.links {
		if to != l && l.plugged {
			l.segment.carry(l, to, a)
		}
	}
	return nil
}

// Take implements vip.Link.
func (l *Link) Take() error {
	l.segment.mu.Lock()
	defer l.segment.mu.Unlock()
	if l.dead {
		return errDead
	}
	if l.refuse != nil {
		return l.refuse
	}
	for _, other := range l.segment.links {
		if l.segment.exclusive && other != l && other.holds {
			return errHeld
		}
	}
	l.holds = true
	return nil
}

// Drop implements vip.Link.
func (l *Link) Drop() error {
	l.segment.mu.Lock()
	defer l.segment.mu.Unlock()
	l.holds = false
	return nil
}

// Announce implements vip.Link.
func (l *Link) Announce() error {
	l.segment.mu.Lock()
	defer l.segment.mu.Unlock()
	if l.dead {
		return errDead
	}
	l.announced++
	if l.plugged {
		l.segment.announced = l
	}
	return nil
}

// Announcements counts the calls of Announce.
func (l *Link) Announcements() int {
	l.segment.mu.Lock()
	defer l.segment.mu.Unlock()
	return l.announced
}

// RefuseTake makes Take fail with this error until it is called with nil.
func (l *Link) RefuseTake(err error) {
	l.segment.mu.Lock()
	defer l.segment.mu.Unlock()
	l.refuse = err
}

// Unplug pulls the cable, and the box notices.
func (l *Link) Unplug() { l.plug(false, vip.LinkDown{}) }

// Plug puts the cable back.
func (l *Link) Plug() { l.plug(true, vip.LinkUp{}) }

func (l *Link) plug(in bool, event vip.Input) {
	l.segment.mu.Lock()
	defer l.segment.mu.Unlock()
	if l.dead || l.plugged == in {
		return
	}
	l.plugged = in
	l.give(event)
}

// Kill is the sudden death of the box: nothing more is sent or heard, and
// nobody holds the address for it.
func (l *Link) Kill() {
	l.segment.mu.Lock()
	defer l.segment.mu.Unlock()
	if l.dead {
		return
	}
	l.dead, l.plugged, l.holds = true, false, false
	close(l.inputs)
}

// give delivers, or throws away if nobody reads; the caller holds the lock.
func (l *Link) give(in vip.Input) {
	if l.dead {
		return
	}
	select {
	case l.inputs <- in:
	default:
	}
}
