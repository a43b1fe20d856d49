package wiki_test

import (
	"fmt"
	"testing"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/merge"
	"github.com/argss/argss/wiki/wikitest"
)

// watched counts what a view costs.
type watched struct {
	wiki.Store
	merge.Merger
	gets, merges int
}

func (w *watched) Get(id wiki.ID) (wiki.Revision, error) {
	w.gets++
	return w.Store.Get(id)
}

func (w *watched) Merge(base, a, b string) (string, bool) {
	w.merges++
	return w.Merger.Merge(base, a, b)
}

func watch() *watched { return &watched{Store: wikitest.NewMemory("a")} }

// add stores an edit; n makes it another one than those that say the same.
func (w *watched) add(t *testing.T, page, text, token string, n int, parents ...wiki.ID) wiki.ID {
	t.Helper()
	r, err := wiki.New(wiki.Header{Page: page, Kind: wiki.Edit, Parents: parents, Token: wiki.TokenHash("", token)},
		wiki.Body{Type: wiki.Markdown, Content: text}, wiki.HashOf(fmt.Append(nil, page, text, n)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Add(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	return r.ID
}

func (w *watched) look(t *testing.T, page string) wiki.View {
	t.Helper()
	v, err := wiki.Look(w, w, page)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestCrissCrossedHistoriesAreMergedInBoundedTime(t *testing.T) {
	w := watch()
	var above []wiki.ID
	for layer := range 8 {
		var row []wiki.ID
		for n := range 10 {
			row = append(row, w.add(t, "Web", "same\n", "", 10*layer+n, above...))
		}
		above = row
	}
	for n := range 3 {
		w.add(t, "Web", fmt.Sprintf("same\n%*s", n, "\n"), "", n, above...)
	}
	if v := w.look(t, "Web"); len(v.Heads) != 3 || w.merges > 300 {
		t.Errorf("%d heads are %s after %d merges", len(v.Heads), v.State, w.merges)
	}
}

func TestOfTooManyHeadsTheLowestAreRead(t *testing.T) {
	w := watch()
	for n := range 2*wiki.MaxParents + 1 {
		w.add(t, "Crowd", fmt.Sprint(n), "", n)
	}
	v := w.look(t, "Crowd")
	if v.State != wiki.Conflict || len(v.Heads) != wiki.MaxParents || len(v.Parents) != wiki.MaxParents || w.merges > 40 {
		t.Fatalf("%d heads and %d parents are %s after %d merges", len(v.Heads), len(v.Parents), v.State, w.merges)
	}
	w.add(t, "Crowd", "joined", "", 0, v.Parents...)
	if v = w.look(t, "Crowd"); len(v.Heads) != wiki.MaxParents {
		t.Errorf("after joining, %d heads are read", len(v.Heads))
	}
	w.add(t, "Crowd", "joined again", "", 0, v.Parents...)
	if v = w.look(t, "Crowd"); len(v.Heads) != 3 {
		t.Errorf("after joining again, %d heads are left", len(v.Heads))
	}
}

func TestOneSaveRecordedOftenIsReadInProportion(t *testing.T) {
	w := watch()
	const times = 200
	for n := range times {
		w.add(t, "Often", "text", "token", n)
	}
	if v := w.look(t, "Often"); v.State != wiki.Text || len(v.Heads) != 1 || len(v.Parents) != times || w.gets > 2*times {
		t.Errorf("%d heads are %s after reading %d", len(v.Heads), v.State, w.gets)
	}
}

func TestARecordingBuiltUponHidesTheOthers(t *testing.T) {
	w := watch()
	first, second := w.add(t, "Twice", "text", "token", 1), w.add(t, "Twice", "text", "token", 2)
	high := wiki.SortIDs([]wiki.ID{first, second})[1]
	next := w.add(t, "Twice", "next", "", 0, high)
	if v := w.look(t, "Twice"); len(v.Heads) != 1 || v.Heads[0].ID != next || len(v.Parents) != 2 {
		t.Errorf("%d heads, %d parents, %q", len(v.Heads), len(v.Parents), v.Content)
	}
}

func TestAnotherPageCannotHideASave(t *testing.T) {
	w := watch()
	first, second := w.add(t, "Victim", "text", "token", 1), w.add(t, "Victim", "text", "token", 2)
	w.add(t, "Elsewhere", "x", "", 0, wiki.SortIDs([]wiki.ID{first, second})[1])
	if v := w.look(t, "Victim"); v.State != wiki.Text || v.Content != "text" {
		t.Errorf("the page is %s and says %q", v.State, v.Content)
	}
}
