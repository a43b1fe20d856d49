package union

import (
	"context"
	"runtime"
	"slices"
	"time"

	"github.com/argss/argss/wiki"
)

// Publish makes revisions durable here and on the living peers, all at once,
// and returns with the own sync and the first peer that holds all of them. It
// answers from one copy when no peer lives or none keeps its deadline; the
// peers go on receiving. An error means that they are not durable here. The
// pieces of files must be held before.
func (x *Exchange) Publish(ctx context.Context, revisions ...wiki.Revision) (wiki.Acknowledgement, error) {
	w := &wait{x: x, told: make(chan verdict, len(x.peers)), held: map[*peer]wiki.Receipt{}}
	for _, p := range x.peers {
		w.offer(p, revisions)
	}
	runtime.Gosched() // the pushes go out first: they have the longer way
	seq, err := x.store.Add(ctx, revisions...)
	if err != nil {
		return wiki.Acknowledgement{}, err
	}
	ids := make([]wiki.ID, len(revisions))
	for i, r := range revisions {
		ids[i] = r.ID
	}
	w.first(ctx)
	x.ledger.settle(ids)
	ack := wiki.Acknowledgement{Copies: []string{x.config.Box}, Alone: len(w.held) == 0}
	ack.Receipts = []wiki.Receipt{{Box: x.config.Box, Store: x.store.Identity(), Seq: seq}}
	for _, p := range x.peers {
		if receipt, held := w.held[p]; held {
			ack.Copies = append(ack.Copies, p.Name)
			ack.Receipts = append(ack.Receipts, receipt)
		}
	}
	return ack, nil
}

// Spread is Publish for those who do not ask where the copies are.
func (x *Exchange) Spread(ctx context.Context, revisions ...wiki.Revision) error {
	_, err := x.Publish(ctx, revisions...)
	return err
}

// wait is one Publish that waits for its first receipt.
type wait struct {
	x       *Exchange
	told    chan verdict // has room for every peer, so that nobody waits to tell
	awaited []awaited
	held    map[*peer]wiki.Receipt
}

// awaited is a peer this save waits for.
type awaited struct {
	*peer
	came     time.Time
	patience time.Duration
	longest  time.Duration // that any save waits
	began    time.Time     // when our own sync was done: what it takes is not the peer's fault
	until    time.Time     // of this turn
	asked    bool          // whether it lives
}

func (w *wait) offer(p *peer, revisions []wiki.Revision) {
	timing := w.x.config.Timing
	p.mu.Lock()
	lanes, wanted := p.lanes, p.awaited
	patience := p.push.deadline(timing.MinDeadline, timing.MaxDeadline)
	p.mu.Unlock()
	if lanes == nil || len(revisions) == 0 {
		return
	}
	lane := lanes.of(revisions)
	if !lane.offer(revisions, w.told) || !wanted {
		return
	}
	a := awaited{peer: p, came: time.Now(), patience: patience, longest: timing.MaxDeadline}
	if lane == lanes[1] {
		a.patience += fileTime(revisions)
		a.longest += fileTime(revisions)
	}
	w.awaited = append(w.awaited, a)
}

// goOn begins the next turn of waiting; false: the peer is late. Half way it
// is asked whether it lives. A peer that was heard since the save came is busy,
// not gone, and gets all the time there is.
func (a *awaited) goOn() bool {
	switch {
	case !a.asked:
		a.asked = true
		wish(a.beats)
		a.until = a.began.Add(a.patience)
	case a.until.Before(a.began.Add(a.longest)) && a.heardSince(a.came):
		a.until = a.began.Add(a.longest)
	default:
		a.tardy()
		return false
	}
	return true
}

func (p *peer) heardSince(when time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.heard.After(when)
}

// fileTime is how much longer a save waits for a file to travel: a second for
// each MiB, at most ten. Who uploads expects to wait.
func fileTime(revisions []wiki.Revision) (d time.Duration) {
	for _, r := range revisions {
		if r.Body != nil {
			d += time.Duration(min(r.Body.Size, 10<<20)) * time.Second >> 20
		}
	}
	return min(d, 10*time.Second)
}

// first blocks until a peer holds the parcel, or no awaited one is left.
func (w *wait) first(ctx context.Context) {
	w.hearAll() // who answered during our own sync
	now := time.Now()
	for i := range w.awaited {
		a := &w.awaited[i]
		a.began, a.until = now, now.Add(a.patience/2)
	}
	for len(w.held) == 0 && len(w.awaited) > 0 {
		next := slices.MinFunc(w.awaited, func(a, b awaited) int { return a.until.Compare(b.until) }).until
		turn := time.NewTimer(time.Until(next))
		select {
		case v := <-w.told:
			w.hear(v)
		case <-turn.C:
			w.goOn(next)
		case <-ctx.Done():
			w.awaited = nil
		}
		turn.Stop()
	}
	w.hearAll() // who answered in the same moment
}

// goOn is called when a turn of waiting has ended.
func (w *wait) goOn(now time.Time) {
	var waiting []awaited
	for _, a := range w.awaited {
		if a.until.After(now) || a.goOn() {
			waiting = append(waiting, a)
		}
	}
	w.awaited = waiting
}

func (w *wait) hearAll() {
	for {
		select {
		case v := <-w.told:
			w.hear(v)
		default:
			return
		}
	}
}

func (w *wait) hear(v verdict) {
	if v.held {
		w.held[v.peer] = v.receipt
	}
	w.awaited = slices.DeleteFunc(w.awaited, func(a awaited) bool { return a.peer == v.peer })
}

// tardy stops saves from waiting for the peer until it answers a push, or a
// heartbeat begun from now on.
func (p *peer) tardy() { p.late(time.Now()) }

func (p *peer) late(when time.Time) {
	p.mu.Lock()
	p.awaited = false
	if when.After(p.missed) {
		p.missed = when
	}
	p.mu.Unlock()
	wish(p.beats)
}

// pushed learns how long a push took, and that the peer lives.
func (p *peer) pushed(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.push.learn(d)
	p.heard, p.shown = time.Now(), p.x.config.Now()
	if d < p.x.config.Timing.MaxDeadline {
		p.awaited = p.alive
	}
}
