package wikitest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/argss/argss/wiki"
)

func storePaging(t *testing.T, s wiki.Store) {
	g := NewGenerator(10)
	both(t, s, g.Batches(g.Revisions(50))...)
	all := s.Since(0, everything)
	var forwards, backwards []wiki.Entry
	for since := wiki.Seq(0); ; {
		part := s.Since(since, 7)
		if len(part) == 0 {
			break
		}
		forwards, since = append(forwards, part...), part[len(part)-1].Seq
	}
	for before := wiki.Seq(0); ; {
		part := s.Before(before, 7)
		if len(part) == 0 {
			break
		}
		backwards, before = append(backwards, part...), part[len(part)-1].Seq
	}
	slices.Reverse(backwards)
	same(t, "feed in parts", forwards, all)
	same(t, "feed in parts from the end", backwards, all)
	var names []string
	for after := ""; ; {
		part := s.Pages("", after, 1)
		if len(part) == 0 {
			break
		}
		names, after = append(names, part...), part[0]
	}
	same(t, "pages in parts", names, s.Pages("", "", everything))
	if len(s.Since(0, 0)) != 0 || len(s.Before(0, 0)) != 0 || len(s.Pages("", "", 0)) != 0 || len(s.History("Home", 0, 0)) != 0 {
		t.Error("a limit of 0 gave something")
	}
}

func storeShape(t *testing.T, s wiki.Store) {
	g := NewGenerator(11)
	moved := func(what string, want bool, revisions ...wiki.Revision) {
		t.Helper()
		before := s.Shape()
		add(t, s, revisions...)
		if want && s.Shape() == before {
			t.Errorf("%s: the shape stayed", what)
		}
	}
	first := g.Edit("A", "1")
	second := g.Edit("A", "2", first.ID)
	gone := g.Deletion("A", second.ID)
	moved("creation", true, first)
	moved("edit", false, second)
	moved("deletion", true, gone)
	moved("return", true, g.Edit("A", "3", gone.ID))
	shape := s.Shape()
	s.Pages("", "", 10)
	s.Heads("A")
	if s.Shape() != shape {
		t.Error("reading changed the shape")
	}
	same(t, "pages", s.Pages("", "", 10), []string{"A"})
}

func storeForeignChild(t *testing.T, s wiki.Store) {
	g := NewGenerator(12)
	a := g.Edit("A", "a")
	elsewhere := g.Edit("B", "b", a.ID)
	here := g.Edit("A", "next", a.ID)
	Compare(t, s, both(t, s, []wiki.Revision{elsewhere}, []wiki.Revision{a}))
	same(t, "heads", idsOf(s.Heads("A")), []wiki.ID{a.ID})
	same(t, "children", s.Children(a.ID), []wiki.ID{elsewhere.ID})
	add(t, s, here)
	same(t, "heads", idsOf(s.Heads("A")), []wiki.ID{here.ID})
	same(t, "children", s.Children(a.ID), wiki.SortIDs([]wiki.ID{elsewhere.ID, here.ID}))
}

func storeSaves(t *testing.T, s wiki.Store) {
	g := NewGenerator(13)
	token := wiki.TokenHash("ada", "form 1")
	save := func(page string) wiki.Revision {
		return g.make(wiki.Header{Page: page, Kind: wiki.Edit, Token: token},
			wiki.Body{Type: wiki.Markdown, Content: "same"})
	}
	a, b := save("A"), save("A")
	add(t, s, b, g.Edit("A", "no token"), a)
	same(t, "saves", idsOf(s.Saves(token)), []wiki.ID{b.ID, a.ID})
	if len(s.Saves("")) != 0 || len(s.Saves("nonsense")) != 0 || len(s.Saves(wiki.TokenHash("ada", "form 2"))) != 0 {
		t.Error("found saves of tokens nobody used")
	}
}

func storeWait(t *testing.T, s wiki.Store) {
	g := NewGenerator(14)
	add(t, s, g.Edit("A", "1"))
	must(t, s.Wait(context.Background(), 0))
	woken := make(chan error)
	go func() { woken <- s.Wait(context.Background(), 1) }()
	add(t, s, g.Edit("A", "2"))
	must(t, <-woken)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { woken <- s.Wait(ctx, 2) }()
	cancel()
	if err := <-woken; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled wait: %v", err)
	}
	go func() { woken <- s.Wait(context.Background(), 2) }()
	must(t, s.Close())
	if err := <-woken; !errors.Is(err, wiki.ErrClosed) {
		t.Errorf("wait on a closing store: %v", err)
	}
}

func storeNotes(t *testing.T, s wiki.Store) {
	if s.Note("none") != nil {
		t.Error("a note nobody wrote")
	}
	value := []byte("one")
	s.SetNote("checkpoint/a", value)
	value[0] = 'X'
	s.SetNote("checkpoint/b", []byte{})
	same(t, "note", string(s.Note("checkpoint/a")), "one")
	if got := s.Note("checkpoint/b"); got == nil || len(got) != 0 {
		t.Errorf("an empty note came back as %v", got)
	}
	s.Note("checkpoint/a")[0] = 'X'
	same(t, "note", string(s.Note("checkpoint/a")), "one")
	s.SetNote("checkpoint/a", []byte("two"))
	same(t, "note", string(s.Note("checkpoint/a")), "two")
	s.SetNote("checkpoint/a", nil)
	if got := s.Note("checkpoint/a"); got != nil {
		t.Errorf("a removed note came back as %q", got)
	}
	Compare(t, s, NewMemory("oracle"))
}

func storeClosed(t *testing.T, s wiki.Store) {
	g := NewGenerator(15)
	if s.Identity() == "" {
		t.Error("the store has no identity")
	}
	add(t, s, g.Edit("A", "1"))
	must(t, s.Close())
	if _, err := s.Add(context.Background(), g.Edit("A", "2")); !errors.Is(err, wiki.ErrClosed) {
		t.Errorf("add to a closed store: %v", err)
	}
	if err := s.Wait(context.Background(), 0); !errors.Is(err, wiki.ErrClosed) {
		t.Errorf("wait on a closed store: %v", err)
	}
	must(t, s.Close())
}
