package couch_test

import (
	"testing"

	"github.com/argss/argss/wiki/couch"
)

func TestReadingAFeedAheadIsNoReceipt(t *testing.T) {
	b := newBox(couch.Limits{})
	first := edit(t, "Home", "one")
	b.add(t, first)
	c := b.client(t, "public")
	changes, err := c.Changes(t.Context(), "", 1, 0)
	if err != nil || len(b.exchange.pulled) != 1 {
		t.Fatalf("a pull told %v, %v", b.exchange.pulled, err)
	}
	b.add(t, edit(t, "Home", "two", first.ID))
	ahead, err := c.ChangesAhead(t.Context(), changes.Last, 1, 0)
	if err != nil || len(ahead.IDs) != 1 || len(b.exchange.pulled) != 1 {
		t.Errorf("reading ahead gave %d revisions and told %v, %v", len(ahead.IDs), b.exchange.pulled, err)
	}
}
