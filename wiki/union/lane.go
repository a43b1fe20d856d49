package union

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
)

// lane carries pushes to one living peer, one at a time: what comes while one
// is under way goes together with the next. Files have a lane of their own, so
// that a film does not hold up the sentences.
type lane struct {
	p    *peer
	wake chan struct{}

	mu     sync.Mutex
	queue  []freight
	bytes  int
	closed bool
}

// freight is one revision on its way to a peer.
type freight struct {
	wiki.Revision
	*parcel
}

// parcel is what one caller gave: it has arrived when all of it has.
type parcel struct {
	mu      sync.Mutex
	waiting int
	failed  bool
	told    chan<- verdict
	to      *peer
	came    time.Time
}

// verdict says whether a peer holds a whole parcel.
type verdict struct {
	peer    *peer
	held    bool
	receipt wiki.Receipt // of the push that was the last of the parcel
}

// lanes are text and files.
type lanes [2]*lane

// The bounds of a lane's queue and of one push.
const (
	maxQueued      = 8192
	maxQueuedBytes = 64 << 20
	batchDocuments = 1000
	batchBytes     = 8 << 20
	pushBytes      = 1 << 20
)

func newLanes(p *peer) *lanes {
	var l lanes
	for i := range l {
		l[i] = &lane{p: p, wake: make(chan struct{}, 1)}
	}
	return &l
}

func (l *lanes) of(revisions []wiki.Revision) *lane {
	for _, r := range revisions {
		if r.Body != nil && len(r.Body.Blobs) > 0 {
			return l[1]
		}
	}
	return l[0]
}

// offer queues revisions. false: the queue is full or the peer is gone, and
// the feed will copy them.
func (l *lane) offer(revisions []wiki.Revision, told chan<- verdict) bool {
	size := 0
	for _, r := range revisions {
		size += len(r.Document())
	}
	parcel := &parcel{waiting: len(revisions), told: told, to: l.p, came: time.Now()}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.queue)+len(revisions) > maxQueued || l.bytes+size > maxQueuedBytes {
		return false
	}
	for _, r := range revisions {
		l.queue = append(l.queue, freight{r, parcel})
	}
	l.bytes += size
	wish(l.wake)
	return true
}

// take returns the next push.
func (l *lane) take() []freight {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, size := 0, 0
	for n < len(l.queue) && n < batchDocuments {
		size += len(l.queue[n].Document())
		if n > 0 && size > pushBytes {
			break
		}
		l.bytes -= len(l.queue[n].Document())
		n++
	}
	load := l.queue[:n:n]
	l.queue = l.queue[n:]
	if len(l.queue) == 0 {
		l.queue = nil
	}
	return load
}

// run pushes until ctx ends, then tells everybody still queued.
func (l *lane) run(ctx context.Context) {
	defer l.close()
	for {
		load := l.take()
		if len(load) == 0 {
			select {
			case <-l.wake:
				continue
			case <-ctx.Done():
				return
			}
		}
		l.push(ctx, load)
	}
}

func (l *lane) push(ctx context.Context, load []freight) {
	began := time.Now()
	revisions := make([]wiki.Revision, len(load))
	for i, f := range load {
		revisions[i] = f.Revision
	}
	receipt, lost, err := l.p.give(ctx, revisions)
	if err == nil {
		l.p.pushed(time.Since(began))
	} else if ctx.Err() == nil {
		l.p.late(began)
		l.p.x.config.Log.Debug("push failed", "peer", l.p.Name, "revisions", len(load), "err", err)
	}
	for _, f := range load {
		f.done(receipt, err == nil && !lost[f.ID])
	}
}

func (l *lane) close() {
	l.mu.Lock()
	l.closed = true
	rest := l.queue
	l.queue = nil
	l.mu.Unlock()
	for _, f := range rest {
		f.done(wiki.Receipt{}, false)
	}
}

// done notes the fate of one revision of a parcel.
func (p *parcel) done(receipt wiki.Receipt, held bool) {
	p.mu.Lock()
	p.failed = p.failed || !held
	p.waiting--
	last, failed := p.waiting == 0, p.failed
	p.mu.Unlock()
	if last {
		p.told <- verdict{p.to, !failed, receipt}
	}
}

// give pushes revisions, the pieces of their files first, and books the
// receipt. lost are those the peer refused.
func (p *peer) give(ctx context.Context, revisions []wiki.Revision) (receipt wiki.Receipt, lost map[wiki.ID]bool, err error) {
	for _, r := range revisions {
		if err := p.givePieces(ctx, r); err != nil {
			return wiki.Receipt{}, nil, err
		}
	}
	began := p.owe()
	receipt, refused, err := p.client.BulkDocs(ctx, revisions)
	p.paid(began, err)
	if err == nil && receipt.Box != p.Name {
		err = fmt.Errorf("its address is answered by %q", receipt.Box)
	}
	if err != nil {
		return wiki.Receipt{}, nil, err
	}
	lost = map[wiki.ID]bool{}
	for _, r := range refused {
		lost[r.ID] = true
		if p.unwanted.add(r) {
			p.x.config.Log.Warn("a peer refused a revision", "peer", p.Name, "revision", r.ID, "err", r.Err)
		}
	}
	var held []wiki.ID
	for _, r := range revisions {
		if !lost[r.ID] {
			held = append(held, r.ID)
		}
	}
	p.x.ledger.receipt(couch.Peer{Box: receipt.Box, Store: receipt.Store}, held)
	return receipt, lost, nil
}

// owe notes that the peer was given something and owes a receipt.
func (p *peer) owe() time.Time {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.owing.IsZero() {
		p.owing = now
	}
	return now
}

// paid notes that the peer answered: with a receipt, or soon that it gives
// none. One that did not answer goes on owing.
func (p *peer) paid(began time.Time, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil || time.Since(began) < p.x.config.Timing.MaxDeadline {
		p.owing = time.Time{}
	}
}

// hangs tells whether the peer owes a receipt for longer than any save waits:
// its disk may hang while it answers heartbeats. p.mu is held.
func (p *peer) hangs() bool {
	return !p.owing.IsZero() && time.Since(p.owing) >= p.x.config.Timing.MaxDeadline
}

func (p *peer) givePieces(ctx context.Context, r wiki.Revision) error {
	if r.Body == nil || p.x.config.Blobs == nil {
		return nil
	}
	for _, ref := range r.Body.Blobs {
		has, err := p.client.HasBlob(ctx, ref.Hash)
		if err != nil {
			return err
		}
		if has {
			continue
		}
		data, err := p.x.config.Blobs.Blob(ref.Hash)
		if err != nil {
			return err
		}
		if err := p.client.PutBlob(ctx, data); err != nil {
			return err
		}
	}
	return nil
}
