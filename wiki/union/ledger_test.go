package union

import (
	"fmt"
	"slices"
	"testing"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
	"github.com/argss/argss/wiki/wikitest"
)

func filledStore(t *testing.T, n int) (store *wikitest.Memory, ids []wiki.ID) {
	store = wikitest.NewMemory("ours")
	for i := range n {
		r, err := wiki.New(wiki.Header{Page: "Home", Kind: wiki.Edit},
			wiki.Body{Type: wiki.Markdown, Content: fmt.Sprint(i)}, wiki.Hash{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.Add(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, r.ID)
	}
	return store, ids
}

func TestLedgerCountsOnlyPresentStoresOfPeers(t *testing.T) {
	store, ids := filledStore(t, 5)
	l := newLedger(store, []string{"tulsa", "wichita"})
	first, second := couch.Peer{Box: "tulsa", Store: "first"}, couch.Peer{Box: "tulsa", Store: "second"}
	copies := func() (n int) {
		for _, id := range ids {
			n += len(l.copies(id))
		}
		return n
	}
	for i, step := range []struct {
		do   func()
		want int
	}{
		{func() { l.upTo(first, 3) }, 3},
		{func() { l.upTo(first, 99) }, 5}, // never beyond what there is
		{func() { l.upTo(couch.Peer{Box: "stranger", Store: "x"}, 5) }, 5},
		{func() { l.upTo(couch.Peer{Box: "wichita"}, 5) }, 5}, // of no store
		{func() { l.holds(couch.Peer{Box: "wichita", Store: "w"}, ids[:2]) }, 7},
		{func() { l.meet(second) }, 2},
		{func() { l.upTo(first, 5) }, 2}, // late word of a disk that is gone
		{func() { l.receipt(second, ids[4:]) }, 3},
		{func() { l.save(); l = newLedger(store, l.boxes) }, 3},
	} {
		step.do()
		if got := copies(); got != step.want {
			t.Errorf("after step %d: %d copies, want %d", i, got, step.want)
		}
	}
}

func TestReceiptsOfARolledBackDiskAreNotBelieved(t *testing.T) {
	store, ids := filledStore(t, 5)
	l := newLedger(store, []string{"tulsa"})
	l.upTo(couch.Peer{Box: "tulsa", Store: "t"}, 5)
	l.save()
	const key = receiptNote + "tulsa"
	for name, c := range map[string]struct {
		identity wiki.Identity
		held     []wiki.ID
		copies   int
	}{
		"the same disk":           {"ours", ids, 1},
		"an older state":          {"ours", ids[:3], 0},
		"another future":          {"ours", []wiki.ID{ids[0], ids[1], ids[2], ids[4], ids[3]}, 0},
		"another disk's notes":    {"theirs", ids, 0},
		"nothing but those notes": {"ours", nil, 0},
	} {
		other := wikitest.NewMemory(c.identity)
		for _, id := range c.held {
			r, err := store.Get(id)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := other.Add(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		other.SetNote(key, store.Note(key))
		if got := newLedger(other, []string{"tulsa"}).copies(ids[0]); len(got) != c.copies {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestLedgerFindsWhatHasNoCopy(t *testing.T) {
	store, ids := filledStore(t, 6)
	l := newLedger(store, []string{"tulsa", "wichita"})
	l.holds(couch.Peer{Box: "tulsa", Store: "t"}, []wiki.ID{ids[0], ids[3]})
	l.holds(couch.Peer{Box: "wichita", Store: "w"}, []wiki.ID{ids[1], ids[3]})
	if n, first := l.uncopied(); n != 3 || first != 3 {
		t.Errorf("%d without a copy, the first %d", n, first)
	}
	if got := l.uncopiedAfter(3, 9); !slices.Equal(got, []wiki.Seq{5, 6}) {
		t.Errorf("after 3: %v", got)
	}
	if got := l.uncopiedAfter(0, 2); !slices.Equal(got, []wiki.Seq{3, 5}) {
		t.Errorf("two at a time: %v", got)
	}
	if l.lag("tulsa") != 4 {
		t.Errorf("tulsa lags by %d", l.lag("tulsa"))
	}
}

func TestRefusalsForEverAreNotAskedForAgain(t *testing.T) {
	_, ids := filledStore(t, 3)
	var f refusals
	for i, err := range []error{wiki.ErrForbidden, wiki.ErrDocument, couch.ErrUnknownParent} {
		if !f.add(couch.Refusal{ID: ids[i], Err: err}) || f.add(couch.Refusal{ID: ids[i], Err: err}) {
			t.Errorf("%v: news is told once", err)
		}
	}
	if got := f.without(ids); !slices.Equal(got, ids[2:]) {
		t.Errorf("asked for again: %v", got)
	}
}

// leading is a store behind which another one may take the lead, as the second
// disk of a box does.
type leading struct{ wiki.Store }

func TestReceiptsAreNotBelievedOfAnotherDiskOfThisBox(t *testing.T) {
	g := wikitest.NewGenerator(3)
	revisions := g.Revisions(4)
	first, second := wikitest.NewMemory("first"), wikitest.NewMemory("second")
	for i, r := range revisions {
		for s, other := range map[*wikitest.Memory]wiki.Revision{first: r, second: revisions[len(revisions)-1-i]} {
			if _, err := s.Add(t.Context(), other); err != nil {
				t.Fatal(err)
			}
		}
	}
	box := &leading{first}
	l := newLedger(box, []string{"tulsa"})
	tulsa := couch.Peer{Box: "tulsa", Store: "t"}
	l.upToMark(tulsa, couch.Mark{Seq: 2, Store: first.Identity()})
	if len(l.copies(revisions[0].ID)) != 1 {
		t.Fatal("the receipt is not counted")
	}
	box.Store = second // numbers them the other way round
	for _, r := range revisions {
		if got := l.copies(r.ID); len(got) > 0 {
			t.Errorf("%s is said to be on %v", r.ID.Short(), got)
		}
	}
	l.upToMark(tulsa, couch.Mark{Seq: 2, Store: first.Identity()}) // late word
	if n, _ := l.uncopied(); n != len(revisions) {
		t.Errorf("%d of %d are uncopied", n, len(revisions))
	}
}
