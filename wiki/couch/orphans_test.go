package couch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
	"github.com/argss/argss/wiki/wikitest"
)

// chain is some revisions of a page, each on top of the one before.
func chain(t testing.TB, page string, n int) (all []wiki.Revision) {
	var parents []wiki.ID
	for i := range n {
		r := edit(t, page, fmt.Sprint("text ", i), parents...)
		all, parents = append(all, r), []wiki.ID{r.ID}
	}
	return all
}

func TestRevisionsThatCameBeforeTheirParentsJoinWhenThoseCome(t *testing.T) {
	all := chain(t, "Home", 5)
	store, orphans := wikitest.NewMemory("here"), new(couch.Orphans)
	in := couch.Intake{Store: store, Orphans: orphans, From: "tulsa"}
	for _, i := range []int{4, 2, 3, 1} {
		refused, err := in.Take(t.Context(), all[i:i+1])
		if err != nil || len(refused) != 1 {
			t.Fatalf("revision %d: refused %v, %v", i, refused, err)
		}
	}
	if store.Latest() != 0 || orphans.Count() != 4 {
		t.Fatalf("%d held, %d kept aside", store.Latest(), orphans.Count())
	}
	in.From = "omaha"
	if refused, err := in.Take(t.Context(), all[:1]); err != nil || len(refused) != 0 {
		t.Fatalf("refused %v, %v", refused, err)
	}
	if lacking := store.Missing(idsOf(all)); len(lacking) > 0 || orphans.Count() != 0 {
		t.Errorf("%d are missing, %d still kept aside", len(lacking), orphans.Count())
	}
	for i, e := range store.Since(0, 10) {
		if e.ID != all[i].ID {
			t.Errorf("number %d is not the one behind its parent", e.Seq)
		}
	}
}

func TestRevisionOfTwoParentsWaitsForBoth(t *testing.T) {
	left, right := edit(t, "Home", "left"), edit(t, "Home", "right")
	both := edit(t, "Home", "both", left.ID, right.ID)
	store, orphans := wikitest.NewMemory("here"), new(couch.Orphans)
	in := couch.Intake{Store: store, Orphans: orphans}
	for i, r := range []wiki.Revision{both, right, left} {
		if _, err := in.Take(t.Context(), []wiki.Revision{r}); err != nil {
			t.Fatal(err)
		}
		if waits := orphans.Count() == 1; waits != (i < 2) {
			t.Errorf("after %d: %d kept aside", i, orphans.Count())
		}
	}
	if len(store.Missing([]wiki.ID{both.ID})) > 0 {
		t.Error("it never joined")
	}
}

// Whoever sends orphans without end loses his own, and nobody else's.
func TestOrphansOfOneSenderAreBounded(t *testing.T) {
	orphans := new(couch.Orphans)
	parent := wiki.HashOf([]byte("a parent that comes late"))
	honest := edit(t, "Home", "honest", parent)
	orphans.Hold("tulsa", honest, []wiki.ID{parent})
	nobody := wiki.HashOf([]byte("nobody"))
	for i := range 3000 {
		orphans.Hold("hostile", edit(t, "Spam", fmt.Sprint(i), nobody), []wiki.ID{nobody})
	}
	if n := orphans.Count(); n > 1001 {
		t.Errorf("%d are kept", n)
	}
	for i := range 40 { // and under many names
		orphans.Hold(fmt.Sprint("name ", i), edit(t, "Spam", strings.Repeat("x", 900_000)+fmt.Sprint(i), nobody), []wiki.ID{nobody})
	}
	if n := orphans.Count(); n > 1001+16+8 {
		t.Errorf("%d are kept", n)
	}
	p := edit(t, "Home", "the parent")
	p.ID = parent
	ready := orphans.Claim([]wiki.Revision{p})
	if !slices.EqualFunc(ready["tulsa"], []wiki.Revision{honest}, wiki.Revision.Equal) {
		t.Errorf("the honest one was lost: %v", ready)
	}
}
