package union

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/argss/argss/wiki/couch"
)

// heartbeat says how this box stands, to one peer; nil: to a stranger. The
// place is taken before the digest: a peer with an equal digest takes itself to
// hold all up to that place, and what is saved in between must not be among it.
func (x *Exchange) heartbeat(p *peer) couch.Heartbeat {
	b := couch.Heartbeat{Box: x.config.Box, Version: x.config.Version}
	latest := couch.LatestMark(x.store)
	b.Store, b.Seq = latest.Store, latest.String()
	b.Digest, b.Count = x.store.Digest()
	if p != nil {
		at := p.place.now()
		b.Held, b.Seen = at.Held, at.Seen
	}
	return b
}

// seek exchanges a heartbeat. A living peer is asked twice before a failure is
// believed: a connection that was kept may have ended with nobody's death.
func (p *peer) seek(ctx context.Context) (couch.Heartbeat, error) {
	answer, err := p.askBeat(ctx)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) && p.living() {
		return p.askBeat(ctx)
	}
	return answer, err
}

func (p *peer) askBeat(ctx context.Context) (couch.Heartbeat, error) {
	ctx, cancel := context.WithTimeout(ctx, p.x.config.Timing.Silence)
	defer cancel()
	answer, err := p.client.Heartbeat(ctx, p.x.heartbeat(p))
	if err == nil && answer.Box != p.Name {
		err = fmt.Errorf("its address is answered by %q", answer.Box)
	}
	return answer, err
}

// answered hears a peer's answer to a heartbeat sent at a time.
func (p *peer) answered(began time.Time, b couch.Heartbeat) error {
	p.mu.Lock()
	p.beat.learn(time.Since(began))
	if began.After(p.missed) && !p.hangs() {
		p.awaited = p.alive
	}
	p.mu.Unlock()
	if err := p.x.heardOf(p, b); err != nil {
		return err
	}
	p.compare(b)
	return nil
}

// heardOf takes in a heartbeat of a peer, asked or unasked.
func (x *Exchange) heardOf(p *peer, b couch.Heartbeat) error {
	if err := x.standing(b); err != nil {
		return err
	}
	x.ledger.meet(couch.Peer{Box: p.Name, Store: b.Store})
	p.mu.Lock()
	p.facts = b
	p.heard, p.shown = time.Now(), x.config.Now()
	p.mu.Unlock()
	p.place.heard(b.Seq)
	if m, ok := couch.ParseMark(b.Held); ok && m.Stand(x.store) == couch.Standard {
		x.ledger.upToMark(couch.Peer{Box: p.Name, Store: b.Store}, m)
	}
	return nil
}

// gone notes that a heartbeat failed: refused, or not answered for as long as
// Timing.Silence.
func (p *peer) gone(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.alive || p.shown.IsZero() && !p.sought {
		p.x.config.Log.Warn("peer is silent", "peer", p.Name, "err", err)
	}
	p.awaited, p.sought = false, true
}
