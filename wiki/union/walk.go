package union

import (
	"context"
	"fmt"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
)

// difference watches whether a peer's digest goes on differing though its feed
// was read to the end, or so long that the feed is not to be relied on.
type difference struct {
	beats  int           // heartbeats in a row that differed
	since  time.Time     // it differs, read or not; zero: it does not
	first  wiki.Seq      // of ours that no peer holds, at the last heartbeat
	wanted bool          // a walk is due
	again  time.Time     // not before
	pause  time.Duration // until the next walk: longer after each that found nothing
}

// compare takes a heartbeat's digest beside ours, and wishes for repair.
func (p *peer) compare(b couch.Heartbeat) {
	digest, _ := p.x.store.Digest()
	behind := p.place.behind(b.Seq)
	_, first := p.x.ledger.uncopied()
	p.mu.Lock()
	defer p.mu.Unlock()
	d := &p.differ
	switch {
	case digest == b.Digest:
		*d = difference{first: d.first}
		p.place.equal(b.Seq)
	case behind:
		d.beats = 0
	default:
		d.beats++
	}
	d.wanted = time.Now().After(d.again) && (d.beats >= p.x.config.Timing.Differ || d.overdue(digest != b.Digest, p.x.config.Timing.Walks))
	stuck := first > 0 && first == d.first
	d.first = first
	if d.wanted || stuck {
		wish(p.mend)
	}
}

// overdue tells whether the sets differ for as long as walks are apart at most.
// Then it no longer matters whether the feed was read: it may be one that
// never ends, or is answered with errors.
func (d *difference) overdue(differs bool, walks time.Duration) bool {
	switch {
	case !differs:
		d.since = time.Time{}
	case d.since.IsZero():
		d.since = time.Now()
	}
	return differs && time.Since(d.since) >= walks
}

// walkDue tells whether to walk now, and puts off the next walk.
func (p *peer) walkDue() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := &p.differ
	if !d.wanted {
		return false
	}
	d.wanted, d.beats, d.since = false, 0, time.Now()
	d.pause = min(max(2*d.pause, p.x.config.Timing.Beat), p.x.config.Timing.Walks)
	d.again = time.Now().Add(d.pause)
	return true
}

// maxLeaves bounds a walk: where more differ, reading the feed again from its
// beginning is cheaper.
const maxLeaves = 2048

// walk compares digest trees and takes what the peer has and we lack. What the
// peer lacks, it finds by its own walk.
func (p *peer) walk(ctx context.Context) error {
	leaves, err := p.differing(ctx)
	if err != nil {
		return err
	}
	if len(leaves) > maxLeaves {
		p.x.config.Log.Info("sets differ widely: reading a peer's feed again", "peer", p.Name)
		p.place.rewind()
		return p.catchUp(ctx)
	}
	var theirs, lacking []wiki.ID
	store := p.name()
	for _, leaf := range leaves {
		b, err := p.client.Tree(ctx, leaf[:]...)
		if err != nil {
			return fmt.Errorf("read leaf %x: %w", leaf, err)
		}
		theirs = append(theirs, b.IDs...)
		lacking = append(lacking, p.x.store.Missing(b.IDs)...)
	}
	if len(lacking) > 0 {
		p.x.config.Log.Info("the digest tree found revisions the feed did not bring", "peer", p.Name, "count", len(lacking))
	}
	found := part{ids: lacking, reached: func(wiki.ID) {}, done: func() { p.x.ledger.holds(store, theirs) }}
	return p.take(ctx, func(yield func(part, error) bool) { yield(found, nil) })
}

// differing returns the leaves of the peer's tree that are not empty and not
// ours.
func (p *peer) differing(ctx context.Context) (leaves [][2]byte, err error) {
	theirs, err := p.client.Tree(ctx)
	if err != nil {
		return nil, fmt.Errorf("read tree: %w", err)
	}
	ours := p.x.store.Branches()
	for i, node := range theirs.Nodes {
		if node == ours[i] || node.IsZero() {
			continue
		}
		below, err := p.client.Tree(ctx, byte(i))
		if err != nil {
			return nil, fmt.Errorf("read branch %02x: %w", i, err)
		}
		mine := p.x.store.Branches(byte(i))
		for j, leaf := range below.Nodes {
			if leaf != mine[j] && !leaf.IsZero() {
				leaves = append(leaves, [2]byte{byte(i), byte(j)})
			}
		}
	}
	return leaves, nil
}
