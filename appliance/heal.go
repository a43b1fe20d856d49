package appliance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/mirror"
	"github.com/argss/argss/wiki/union"
)

// healing is a store whose damaged revisions are read from another box: the
// reader gets the good copy, and the disk gets it back.
type healing struct {
	wiki.Store
	disk     mirror.Set
	exchange *union.Exchange
	repaired func(wiki.Hash)
}

// healTimeout is how long a reader waits for a copy from another box.
const healTimeout = 2 * time.Second

// Get implements wiki.Reader.
func (h healing) Get(id wiki.ID) (wiki.Revision, error) {
	r, err := h.Store.Get(id)
	if !errors.Is(err, wiki.ErrDamaged) {
		return r, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), healTimeout)
	defer cancel()
	copies := h.exchange.Fetch(ctx, []wiki.ID{id})
	if len(copies) == 0 {
		return wiki.Revision{}, fmt.Errorf("%w, and no other box that answers has it", err)
	}
	// The reader is served even when this disk takes no more writes.
	if h.disk.Repair(ctx, copies...) == nil && intact(h.disk, id) {
		h.repaired(id)
	}
	return copies[0], nil
}

// intact tells whether a revision reads well now.
func intact(s wiki.Reader, id wiki.ID) bool {
	_, err := s.Get(id)
	return err == nil
}

// healEvery is how often a box looks for damage nobody has read yet.
const healEvery = 5 * time.Second

// healDamage repairs what reading, scrubbing or opening found damaged, from
// whichever box has a good copy, until ctx ends.
func (s *space) healDamage(ctx context.Context) error {
	tick := time.NewTicker(healEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			s.heal(ctx)
		}
	}
}

func (s *space) heal(ctx context.Context) {
	var ids []wiki.ID
	for _, d := range s.store.Damaged() {
		if !d.ID.IsZero() {
			ids = append(ids, d.ID)
		}
	}
	if len(ids) == 0 {
		return
	}
	copies := s.exchange.Fetch(ctx, ids)
	if len(copies) == 0 {
		return // no box that answers has them; their own feeds may bring them
	}
	if err := s.store.Repair(ctx, copies...); err != nil {
		s.log.Warn("repair failed; it is tried again", "damaged", len(ids), "error", err)
		return
	}
	for _, r := range copies {
		if intact(s.store, r.ID) {
			s.repaired(r.ID)
		}
	}
	s.log.Info("damaged revisions repaired from another box", "repaired", len(copies), "damaged", len(ids))
}
