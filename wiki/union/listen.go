package union

import (
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
)

// Pulled hears that a peer follows our feed from a place: what stands before
// it is held there.
func (x *Exchange) Pulled(from couch.Peer, since wiki.Seq) { x.ledger.upTo(from, since) }

// Pushed hears that a peer sends us what it has. That is no receipt: a push may
// overtake the sender's own sync, which may fail. Its feed tells what it holds.
func (x *Exchange) Pushed(from couch.Peer, _ []wiki.ID) { x.pushes.note(from.Box) }

// Heartbeat answers a peer. A peer we believed dead is asked at once whether
// it can be reached, so that its return is noticed from both sides.
func (x *Exchange) Heartbeat(from couch.Peer, b couch.Heartbeat) couch.Heartbeat {
	p := x.byName[from.Box]
	if p == nil {
		if err := x.standing(b); err != nil {
			x.config.Log.Error("a box that is no peer shows that this disk was restored or cloned", "box", from.Box, "err", err)
		}
		return x.heartbeat(nil)
	}
	if err := x.heardOf(p, b); err != nil {
		x.config.Log.Error("cannot take up with a peer", "peer", p.Name, "err", err)
	}
	if !p.living() {
		wish(p.beats)
	}
	return x.heartbeat(p)
}

// backoff spreads retries: twice as long after each failure, never in step
// with others.
type backoff struct {
	x    *Exchange
	next time.Duration
}

const firstBackoff = 50 * time.Millisecond

func (b *backoff) reset() { b.next = 0 }

func (b *backoff) after() time.Duration {
	b.next = min(max(2*b.next, firstBackoff), b.x.config.Timing.MaxBackoff)
	return b.next/2 + time.Duration(b.x.config.Jitter()*float64(b.next)/2)
}
