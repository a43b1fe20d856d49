package union

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/argss/argss/wiki/couch"
)

// peer is one paired box as this one knows it. One goroutine (run) decides
// whether it lives; while it lives others send, pull and repair.
type peer struct {
	Peer
	x      *Exchange
	client *couch.Client
	place  place
	beats  chan struct{} // a wish for a heartbeat now
	mend   chan struct{} // a wish for a repair

	unwanted refusals // of ours, by the peer

	mu      sync.Mutex
	alive   bool      // it answers heartbeats
	awaited bool      // saves wait for it
	missed  time.Time // when a save last waited in vain
	owing   time.Time // since when it owes a receipt; zero: it owes none
	heard   time.Time // its last word, answer or question
	shown   time.Time // the same, by the clock on the wall
	sought  bool      // and not found, which was logged
	facts   couch.Heartbeat
	beat    pace   // of heartbeats
	push    pace   // of pushes
	lanes   *lanes // while it lives
	differ  difference
}

func newPeer(x *Exchange, p Peer) *peer {
	q := &peer{
		Peer: p, x: x, client: x.client(p), place: place{notes: x.store},
		beats: make(chan struct{}, 1), mend: make(chan struct{}, 1),
	}
	q.client.Near = q.near
	return q
}

// near tells whether the peer stands in the same house: since it was found, a
// heartbeat came back in less time than a line out of it takes.
func (p *peer) near() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.Rate == 0 && p.beat.least > 0 && p.beat.least < 2*time.Millisecond
}

// wish asks a goroutine for a turn without waiting for it.
func wish(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// name returns the peer with its present store, as receipts know it.
func (p *peer) name() couch.Peer {
	p.mu.Lock()
	defer p.mu.Unlock()
	return couch.Peer{Box: p.Name, Store: p.facts.Store}
}

func (p *peer) living() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.alive
}

// reachable tells whether it is worth asking the peer: it answered lately, or
// asked us something.
func (p *peer) reachable() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.alive || !p.heard.IsZero() && time.Since(p.heard) < p.x.config.Timing.Silence
}

func sortByDistance(peers []*peer) {
	distance := map[*peer]time.Duration{}
	for _, p := range peers {
		p.mu.Lock()
		distance[p] = p.beat.typical()
		p.mu.Unlock()
	}
	slices.SortStableFunc(peers, func(a, b *peer) int { return int(distance[a] - distance[b]) })
}

// run is the peer's whole life, and lives.
func (p *peer) run(ctx context.Context) {
	var life *life
	defer func() { life.end() }()
	for ctx.Err() == nil {
		began := time.Now()
		answer, err := p.seek(ctx)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = p.answered(began, answer)
		}
		switch {
		case err != nil:
			p.gone(err)
			life.end()
			life = nil
		case life == nil:
			life = p.live(ctx)
		}
		p.x.Limp() // notices since when
		p.pause(ctx, p.x.config.Timing.Beat-time.Since(began))
	}
}

// pause waits for the next turn; a wish ends it, though never within a tenth
// of a beat, so that wishes cannot make a storm. A wish seldom comes alone (all
// that waited for one slow sync go on together), so it waits for the others.
func (p *peer) pause(ctx context.Context, d time.Duration) {
	least := p.x.config.Timing.Beat / 10
	if !sleep(ctx, least) {
		return
	}
	if d > least {
		rest := time.NewTimer(d - least)
		defer rest.Stop()
		select {
		case <-ctx.Done():
		case <-rest.C:
		case <-p.beats:
			sleep(ctx, p.x.config.Timing.Beat/1000)
		}
	}
	select { // the turn that comes now fulfils what was wished for until now
	case <-p.beats:
	default:
	}
}

// sleep returns false if ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// life is what goes on while a peer lives.
type life struct {
	cancel context.CancelFunc
	all    sync.WaitGroup
	peer   *peer
}

func (p *peer) live(ctx context.Context) *life {
	ctx, cancel := context.WithCancel(ctx)
	l := &life{cancel: cancel, peer: p}
	lanes := newLanes(p)
	p.mu.Lock()
	p.alive, p.awaited, p.lanes = true, true, lanes
	p.beat.least = 0 // it may have moved
	p.mu.Unlock()
	p.x.config.Log.Info("peer answers", "peer", p.Name)
	for _, lane := range lanes {
		l.all.Go(func() { lane.run(ctx) })
	}
	first := make(chan struct{})
	l.all.Go(func() { p.repair(ctx, first) })
	l.all.Go(func() {
		select { // what has no second copy goes before what comes
		case <-first:
			p.follow(ctx)
		case <-ctx.Done():
		}
	})
	return l
}

// end stops what goes on; it may be called on nil.
func (l *life) end() {
	if l == nil {
		return
	}
	l.peer.mu.Lock()
	l.peer.alive, l.peer.awaited, l.peer.lanes = false, false, nil
	l.peer.mu.Unlock()
	l.cancel()
	l.all.Wait()
	if t, ok := l.peer.x.config.HTTP.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections() // those to a dead box would swallow the next questions
	}
}
