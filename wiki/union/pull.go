package union

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
)

const (
	pageRows = 10_000 // of a feed at a time
	parallel = 4      // batches of documents on their way

	echoPause = 50 * time.Millisecond // see echoes
)

// follow takes what the peer's feed tells until ctx ends.
func (p *peer) follow(ctx context.Context) {
	retry := backoff{x: p.x}
	failing := false
	for ctx.Err() == nil {
		_, err := p.page(ctx, p.x.config.Timing.Poll)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			retry.reset()
			if failing {
				p.x.config.Log.Info("following a peer again", "peer", p.Name)
			}
			failing = false
			continue
		}
		if !failing {
			p.x.config.Log.Warn("cannot follow a peer", "peer", p.Name, "err", err)
		}
		failing = true
		sleep(ctx, retry.after())
	}
}

// catchUp takes all that the peer's feed tells now.
func (p *peer) catchUp(ctx context.Context) error {
	for {
		n, err := p.page(ctx, 0)
		if err != nil || n == 0 {
			return err
		}
	}
}

var errRestless = errors.New("the peer's store changed its identity")

// page takes what the peer's feed tells and moves the checkpoint behind it. It
// returns how many revisions that were; with nothing new it waits so long for
// some.
func (p *peer) page(ctx context.Context, wait time.Duration) (told int, err error) {
	store := p.name()
	changes, err := p.changes(ctx, wait)
	if err == nil && wait > 0 && p.echoes(changes.IDs) {
		sleep(ctx, echoPause)
	}
	err = p.take(ctx, func(yield func(part, error) bool) {
		for more := true; more; {
			if err == nil {
				err = p.restless(store, changes)
			}
			told += len(changes.IDs)
			more = yield(p.partOf(store, changes), err) && changes.Pending > 0
			if more { // the next page comes while this one is taken
				changes, err = p.client.ChangesAhead(ctx, changes.Last, pageRows, 0)
			}
		}
	})
	return told, err
}

// changes asks for what follows in the feed, which is a receipt for what stands
// before, if that is held.
func (p *peer) changes(ctx context.Context, wait time.Duration) (couch.Changes, error) {
	at, whole := p.place.reading()
	if !whole {
		return p.client.ChangesAhead(ctx, at, pageRows, wait)
	}
	return p.client.Changes(ctx, at, pageRows, wait)
}

// echoes tells whether there is no hurry with what a live feed tells: what the
// peer saved is on its way here by push, and what is held we pushed ourselves.
// Asking again at once would only tell of each save by itself.
func (p *peer) echoes(ids []wiki.ID) bool {
	return len(ids) > 0 && (p.x.pushes.lately(p.Name) || len(p.x.store.Missing(ids)) == 0)
}

// restless finds out whether a page is of the store the peer is known to have.
func (p *peer) restless(store couch.Peer, changes couch.Changes) error {
	if last, ok := couch.ParseMark(changes.Last); !ok || last.Store != store.Store {
		wish(p.beats) // which will tell the new one
		return errRestless
	}
	return nil
}

// part is some of what is to be taken, and who hears how far that went.
type part struct {
	ids     []wiki.ID
	reached func(last wiki.ID) // everything is held or passed over up to this one of ids
	done    func()             // everything is
}

// partOf returns a page of the peer's feed as a part.
func (p *peer) partOf(store couch.Peer, changes couch.Changes) part {
	order := make(map[wiki.ID]int, len(changes.IDs))
	for i, id := range changes.IDs {
		order[id] = i
	}
	whole := func(ids []wiki.ID) bool { return len(p.x.store.Missing(ids)) == 0 }
	return part{
		ids: changes.IDs,
		reached: func(last wiki.ID) {
			p.place.advance(changes.Marks[order[last]], whole(changes.IDs[:order[last]+1]))
		},
		done: func() {
			p.x.ledger.holds(store, changes.IDs)
			p.place.advance(changes.Last, whole(changes.IDs))
		},
	}
}

// fetched is one batch as it came, and who is told that it was added.
type fetched struct {
	couch.Got
	err   error
	added func()
}

// take brings in what is not held of the parts. Batches travel in parallel and
// are added in order. What the peer does not have, or what is no revision or
// not admitted, is passed over: it must not block the rest.
func (p *peer) take(ctx context.Context, parts iter.Seq2[part, error]) error {
	ctx, cancel := context.WithCancel(ctx)
	h := haul{peer: p, coming: make(chan chan fetched, parallel-2)}
	defer h.all.Wait()
	defer cancel()
	h.all.Go(func() { h.fetch(ctx, parts) })
	for coming := range h.coming {
		f := <-coming
		if err := p.add(ctx, f); err != nil {
			return err
		}
		f.added()
	}
	return ctx.Err()
}

// haul is batches on their way, in the order in which they are to be added.
type haul struct {
	*peer
	coming chan chan fetched
	all    sync.WaitGroup
}

// fetch asks for what is missing of the parts.
func (h *haul) fetch(ctx context.Context, parts iter.Seq2[part, error]) {
	defer close(h.coming)
	for part, err := range parts {
		if err != nil {
			h.queue(ctx, func() fetched { return fetched{err: err} })
			return
		}
		missing := h.x.refuse.without(h.x.store.Missing(part.ids))
		for batch := range slices.Chunk(missing, batchDocuments) {
			h.queue(ctx, func() fetched {
				got, err := h.client.BulkGet(ctx, batch, batchBytes)
				return fetched{got, err, func() { part.reached(batch[len(batch)-1]) }}
			})
		}
		h.queue(ctx, func() fetched { return fetched{added: part.done} })
		if ctx.Err() != nil {
			return
		}
	}
}

// queue runs get in a goroutine once there is room for another batch.
func (h *haul) queue(ctx context.Context, get func() fetched) {
	came := make(chan fetched, 1)
	select {
	case h.coming <- came:
		h.all.Go(func() { came <- get() })
	case <-ctx.Done():
	}
}

// add takes one batch in, and what it left.
func (p *peer) add(ctx context.Context, f fetched) error {
	for {
		if f.err != nil {
			return fmt.Errorf("read from peer: %w", f.err)
		}
		for _, r := range f.Refused {
			p.passOver(r)
		}
		source := &near{peer: p}
		refused, err := p.x.intake(source).Take(ctx, f.Revisions)
		if err == nil && len(refused) > 0 {
			err = source.err // it may have been the line
		}
		if err != nil {
			return fmt.Errorf("add revisions: %w", err)
		}
		for _, r := range refused {
			p.passOver(r)
		}
		if len(f.Rest) == 0 {
			return nil
		}
		f.Got, f.err = p.client.BulkGet(ctx, f.Rest, batchBytes)
	}
}

// passOver remembers what will never be taken, and says so once.
func (p *peer) passOver(r couch.Refusal) {
	if p.x.refuse.add(r) {
		p.x.config.Log.Warn("a peer's revision is not taken", "peer", p.Name, "revision", r.ID, "err", r.Err)
	}
}

// near asks one peer first, then the others.
type near struct {
	*peer
	err error // of the line to that peer
}

// Fetch implements couch.Source.
func (n *near) Fetch(ctx context.Context, ids []wiki.ID) []wiki.Revision {
	return n.x.fetch(ctx, n.others(), ids)
}

// FetchBlob implements couch.Source.
func (n *near) FetchBlob(ctx context.Context, hash wiki.Hash) ([]byte, error) {
	data, err := n.x.fetchBlob(ctx, n.others(), hash)
	if err != nil && !errors.Is(err, wiki.ErrNotFound) {
		n.err = err
	}
	return data, err
}

func (n *near) others() []*peer {
	from := []*peer{n.peer}
	for _, p := range n.x.living() {
		if p != n.peer {
			from = append(from, p)
		}
	}
	return from
}

// refusals remembers which revisions are never taken, so that they are neither
// fetched nor logged again.
type refusals struct {
	mu  sync.Mutex
	ids map[wiki.ID]bool // true: for ever
}

const maxRefusals = 1 << 16

// add returns whether the refusal is news.
func (f *refusals) add(r couch.Refusal) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ids == nil || len(f.ids) >= maxRefusals {
		f.ids = map[wiki.ID]bool{}
	}
	_, known := f.ids[r.ID]
	f.ids[r.ID] = errors.Is(r.Err, wiki.ErrForbidden) || errors.Is(r.Err, wiki.ErrDocument)
	return !known
}

// without returns those of ids that may be taken one day.
func (f *refusals) without(ids []wiki.ID) []wiki.ID {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.ids) == 0 {
		return ids
	}
	var rest []wiki.ID
	for _, id := range ids {
		if !f.ids[id] {
			rest = append(rest, id)
		}
	}
	return rest
}
