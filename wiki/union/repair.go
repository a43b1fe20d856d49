package union

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/argss/argss/wiki"
)

// repair does what pushes and the feed left undone, whenever it is wished for,
// while the peer lives. drained is closed once the uncopied revisions went out
// for the first time, or could not.
func (p *peer) repair(ctx context.Context, drained chan<- struct{}) {
	if !p.startsOver() {
		p.try(ctx, "send uncopied revisions", p.drain)
	}
	close(drained)
	for {
		select {
		case <-p.mend:
		case <-ctx.Done():
			return
		}
		p.try(ctx, "send uncopied revisions", p.drain)
		if p.walkDue() {
			p.try(ctx, "compare sets", p.walk)
		}
	}
}

// startsOver tells whether what is uncopied is much, and most of what the peer
// lacks, as for a new box: then its own pull brings it as soon, and pushing it
// too would send everything twice. If the peer does not pull, the next
// heartbeats notice and it is pushed after all.
func (p *peer) startsOver() bool {
	uncopied, _ := p.x.ledger.uncopied()
	return uncopied > batchDocuments && p.x.ledger.lag(p.Name) < 2*uncopied
}

func (p *peer) try(ctx context.Context, what string, do func(context.Context) error) {
	if err := do(ctx); err != nil && ctx.Err() == nil {
		p.x.config.Log.Warn("repair failed; it is tried again", "what", what, "peer", p.Name, "err", err)
	}
}

// drain gives the peer the revisions that no peer is known to hold.
func (p *peer) drain(ctx context.Context) error {
	for after := wiki.Seq(0); ; {
		seqs := p.x.ledger.uncopiedAfter(after, batchDocuments)
		if len(seqs) == 0 {
			return nil
		}
		after = seqs[len(seqs)-1]
		var ids []wiki.ID
		for _, seq := range seqs {
			for _, e := range p.x.store.Since(seq-1, 1) {
				ids = append(ids, e.ID)
			}
		}
		if err := p.drainBatch(ctx, wiki.SortIDs(ids)); err != nil {
			return err
		}
	}
}

// drainBatch sends those of ids the peer lacks, parents first.
func (p *peer) drainBatch(ctx context.Context, ids []wiki.ID) error {
	receipt, lacking, err := p.client.RevsDiff(ctx, ids)
	if err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	if receipt.Box == p.Name {
		p.x.ledger.holds(receipt, minus(ids, lacking))
	}
	var load []wiki.Revision
	size := 0
	lacking = p.inOrder(p.unwanted.without(lacking))
	for i, id := range lacking {
		r, err := p.x.store.Get(id)
		if err == nil { // a damaged one waits for its repair
			load = append(load, r)
			size += len(r.Document())
		}
		if size < pushBytes && i < len(lacking)-1 || len(load) == 0 {
			continue
		}
		if _, _, err := p.give(ctx, load); err != nil {
			return fmt.Errorf("push: %w", err)
		}
		load, size = nil, 0
	}
	return nil
}

// inOrder sorts held revisions by our sequence: parents stand first.
func (p *peer) inOrder(ids []wiki.ID) []wiki.ID {
	seq := map[wiki.ID]wiki.Seq{}
	for _, id := range ids {
		if e, err := p.x.store.Entry(id); err == nil {
			seq[id] = e.Seq
		}
	}
	return slices.SortedFunc(slices.Values(ids), func(a, b wiki.ID) int { return cmp.Compare(seq[a], seq[b]) })
}

func minus(ids, without []wiki.ID) []wiki.ID {
	gone := map[wiki.ID]bool{}
	for _, id := range without {
		gone[id] = true
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id wiki.ID) bool { return gone[id] })
}
