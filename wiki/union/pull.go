package union

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
)

const (
	pageRows = 10_000 // of a feed at a time
	parallel = 4      // batches of documents on their way
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

// page takes one page of the peer's feed and moves the checkpoint behind it.
// It returns how many revisions the page told.
func (p *peer) page(ctx context.Context, wait time.Duration) (int, error) {
	store := p.name()
	changes, err := p.client.Changes(ctx, p.place.now().Held, pageRows, wait)
	if err != nil {
		return 0, fmt.Errorf("read feed: %w", err)
	}
	if last, ok := couch.ParseMark(changes.Last); !ok || last.Store != store.Store {
		wish(p.beats) // which will tell the new one
		return 0, errRestless
	}
	if wait > 0 && p.x.pushes.lately(p.Name) && len(p.x.store.Missing(changes.IDs)) > 0 {
		sleep(ctx, p.x.config.Timing.MinDeadline) // what it saved now is on its way here already
	}
	marks := map[wiki.ID]string{}
	for i, id := range changes.IDs {
		marks[id] = changes.Marks[i]
	}
	err = p.take(ctx, changes.IDs, func(last wiki.ID) { p.place.advance(marks[last]) })
	if err != nil {
		return 0, err
	}
	p.x.ledger.holds(store, changes.IDs)
	p.place.advance(changes.Last)
	return len(changes.IDs), nil
}

// fetched is one batch as it came.
type fetched struct {
	couch.Got
	last wiki.ID
	err  error
}

// take brings in those of ids that are not held. Batches travel in parallel
// and are added in order; after each, done hears up to which of ids everything
// is held. What the peer does not have, or what is no revision or not
// admitted, is passed over: it must not block the rest.
func (p *peer) take(ctx context.Context, ids []wiki.ID, done func(last wiki.ID)) error {
	missing := p.x.refuse.without(p.x.store.Missing(ids))
	if len(missing) == 0 {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	batches := make(chan chan fetched, parallel-2)
	all.Go(func() {
		defer close(batches)
		for len(missing) > 0 {
			n := min(len(missing), batchDocuments)
			batch, came := missing[:n], make(chan fetched, 1)
			missing = missing[n:]
			select {
			case batches <- came:
			case <-ctx.Done():
				return
			}
			all.Go(func() {
				got, err := p.client.BulkGet(ctx, batch, batchBytes)
				came <- fetched{got, batch[n-1], err}
			})
		}
	})
	for came := range batches {
		f := <-came
		if err := p.add(ctx, f); err != nil {
			return err
		}
		done(f.last)
	}
	return ctx.Err()
}

// add takes one batch in, and what it left.
func (p *peer) add(ctx context.Context, f fetched) error {
	for {
		if f.err != nil {
			return fmt.Errorf("read revisions: %w", f.err)
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
