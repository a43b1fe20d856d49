package page_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/merge"
	"github.com/argss/argss/wiki/page"
	"github.com/argss/argss/wiki/wikitest"
)

// lonely publishes to its own store; catchUp is what other boxes would bring.
type lonely struct {
	store   wiki.Store
	name    string
	catchUp func()
}

func (l *lonely) Publish(ctx context.Context, r ...wiki.Revision) (wiki.Acknowledgement, error) {
	_, err := l.store.Add(ctx, r...)
	return wiki.Acknowledgement{Copies: []string{l.name}, Alone: true}, err
}

func (l *lonely) CatchUp(context.Context) error {
	if l.catchUp != nil {
		l.catchUp()
	}
	return nil
}

func (l *lonely) Copies(wiki.ID) []string { return []string{l.name} }

func (l *lonely) FetchBlob(context.Context, wiki.Hash) ([]byte, error) {
	return nil, wiki.ErrNotFound
}

type box struct {
	*page.Pages
	t      *testing.T
	remote *lonely
}

func newBox(t *testing.T, name string) *box {
	store := wikitest.NewMemory(wiki.Identity(name))
	remote := &lonely{store: store, name: name}
	return &box{t: t, remote: remote, Pages: page.New(page.Config{
		Store: store, Merger: merge.Merger{}, Publisher: remote,
		Now: func() time.Time { return time.UnixMilli(1700000000000) }, Random: rand.Reader,
	})}
}

func (b *box) save(d page.Draft) page.Saved {
	b.t.Helper()
	saved, err := b.Save(b.t.Context(), d)
	if err != nil {
		b.t.Fatalf("save %q: %v", d.Content, err)
	}
	return saved
}

func (b *box) refuse(d page.Draft) error {
	b.t.Helper()
	before := b.Store.Latest()
	saved, err := b.Save(b.t.Context(), d)
	if err == nil {
		b.t.Fatalf("saved %q as %v, want a refusal", d.Content, saved.Revision.ID)
	}
	if b.Store.Latest() != before {
		b.t.Fatalf("refused (%v) and yet stored", err)
	}
	return err
}

func (b *box) copyTo(other *box) {
	b.t.Helper()
	for _, e := range b.Store.Since(0, 1000) {
		r, err := b.Store.Get(e.ID)
		if err == nil {
			_, err = other.Store.Add(b.t.Context(), r)
		}
		if err != nil {
			b.t.Fatal(err)
		}
	}
}

func (b *box) view(name string) wiki.View {
	b.t.Helper()
	v, err := b.View(name)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

const poem = "one\ntwo\nthree\nfour\nfive\n"

func TestSaveOnASeenViewFollowsIt(t *testing.T) {
	b := newBox(t, "a")
	first := b.save(page.Draft{Page: "Home", Content: poem})
	if !first.Created {
		t.Error("a new page was not reported as created")
	}
	second := b.save(page.Draft{Page: "Home", Content: "changed", Base: page.OnTag(first.View.Tag)})
	if second.Created || second.View.Content != "changed" || second.View.State != wiki.Text {
		t.Errorf("got created=%v, %q, %s", second.Created, second.View.Content, second.View.State)
	}
	if got := second.Revision.Header.Parents; len(got) != 1 || got[0] != first.Revision.ID {
		t.Errorf("parents are %v, want the first revision", got)
	}
}

func TestSaveNeverOverwritesWhatWasNotSeen(t *testing.T) {
	b := newBox(t, "a")
	first := b.save(page.Draft{Page: "Home", Content: poem})
	b.save(page.Draft{Page: "Home", Content: "other", Base: page.OnTag(first.View.Tag)})
	for name, base := range map[string]page.Base{
		"stale tag":       page.OnTag(first.View.Tag),
		"stale heads":     page.OnHeads(first.Revision.ID),
		"unknown tag":     page.OnTag("0123456789abcdef"),
		"unknown heads":   page.OnHeads(wiki.HashOf(nil)),
		"expects nothing": page.OnNothing(),
	} {
		err := b.refuse(page.Draft{Page: "Home", Content: "mine", Base: base})
		if stale := new(page.Stale); !errors.As(err, &stale) || stale.View.Content != "other" {
			t.Errorf("%s: got %v, want a Stale that shows what stands there", name, err)
		}
	}
	if err := b.refuse(page.Draft{Page: "Home", Content: "mine"}); !errors.Is(err, page.ErrBaseNeeded) {
		t.Errorf("without a base: got %v", err)
	}
	if err := b.refuse(page.Draft{Page: "Absent", Content: "x", Base: page.OnAnything()}); err == nil {
		t.Error("If-Match: * created a page")
	}
}

func TestStaleSaveMergesWhenAsked(t *testing.T) {
	b := newBox(t, "a")
	first := b.save(page.Draft{Page: "Home", Content: poem})
	b.save(page.Draft{Page: "Home", Content: "ONE\ntwo\nthree\nfour\nfive\n", Base: page.OnTag(first.View.Tag)})
	mine := page.Draft{Page: "Home", Content: "one\ntwo\nthree\nfour\nFIVE\n",
		Base: page.OnTag(first.View.Tag), Merge: true, Token: "t1"}
	saved := b.save(mine)
	if want := "ONE\ntwo\nthree\nfour\nFIVE\n"; !saved.Merged || saved.View.Content != want {
		t.Errorf("merged=%v, %q", saved.Merged, saved.View.Content)
	}
	if again := b.save(mine); !again.Replayed || again.Revision.ID != saved.Revision.ID {
		t.Error("the same merging request made another save")
	}
	mine.Content, mine.Token = "uno\ntwo\nthree\nfour\nfive\n", "t2"
	b.refuse(mine)
}

func TestATokenIsOneSave(t *testing.T) {
	b := newBox(t, "a")
	draft := page.Draft{Page: "Home", Content: poem, Token: "t", Author: "ada", Base: page.OnNothing()}
	first := b.save(draft)
	b.save(page.Draft{Page: "Home", Content: "later", Base: page.OnTag(first.View.Tag)})
	again := b.save(draft)
	if !again.Replayed || !again.Created || again.Revision.ID != first.Revision.ID || again.View.Content != "later" {
		t.Errorf("replay answered %+v", again)
	}
	other := draft
	other.Content = "other"
	if err := b.refuse(other); !errors.Is(err, page.ErrTokenReused) {
		t.Errorf("other content: got %v", err)
	}
	other = draft
	other.Page = "Elsewhere"
	if err := b.refuse(other); !errors.Is(err, page.ErrTokenReused) {
		t.Errorf("other page: got %v", err)
	}
	stranger := draft
	stranger.Author, stranger.Page = "bob", "Bob"
	b.save(stranger)
}

func TestOneSaveRecordedByTwoBoxesIsOneHead(t *testing.T) {
	a, b := newBox(t, "a"), newBox(t, "b")
	first := a.save(page.Draft{Page: "Home", Content: poem})
	a.copyTo(b)
	draft := page.Draft{Page: "Home", Content: "new", Token: "t", Base: page.OnTag(first.View.Tag)}
	a.save(draft)
	b.save(draft)
	built := b.save(page.Draft{Page: "Home", Content: "newer", Base: page.OnAnything()})
	a.copyTo(b)
	b.copyTo(a)
	for _, box := range []*box{a, b} {
		v := box.view("Home")
		if v.State != wiki.Text || v.Content != "newer" || len(v.Heads) != 1 || v.Tag != built.View.Tag {
			t.Errorf("box %s reads %s %q with %d heads", box.remote.name, v.State, v.Content, len(v.Heads))
		}
		if len(v.Parents) != 2 {
			t.Errorf("a save on box %s would leave %d of 2 heads open", box.remote.name, 2-len(v.Parents))
		}
	}
}

func TestABaseSeenOnAnotherBoxIsAskedFor(t *testing.T) {
	a, b := newBox(t, "a"), newBox(t, "b")
	first := a.save(page.Draft{Page: "Home", Content: poem})
	b.remote.catchUp = func() { a.copyTo(b) }
	saved := b.save(page.Draft{Page: "Home", Content: "mine", Base: page.OnTag(first.View.Tag)})
	if got := saved.Revision.Header.Parents; len(got) != 1 || got[0] != first.Revision.ID {
		t.Errorf("parents are %v", got)
	}
}

func TestHeadsMadeApartAreMergedOrShownAlikeOnEveryBox(t *testing.T) {
	for name, c := range map[string]struct {
		left, right string
		state       wiki.State
		text        string
	}{
		"apart":    {"ONE\ntwo\nthree\nfour\nfive\n", "one\ntwo\nthree\nfour\nFIVE\n", wiki.Merged, "ONE\ntwo\nthree\nfour\nFIVE\n"},
		"together": {"ONE\ntwo\nthree\nfour\nfive\n", "uno\ntwo\nthree\nfour\nfive\n", wiki.Conflict, ""},
	} {
		a, b := newBox(t, "a"), newBox(t, "b")
		first := a.save(page.Draft{Page: "Home", Content: poem})
		a.copyTo(b)
		a.save(page.Draft{Page: "Home", Content: c.left, Base: page.OnTag(first.View.Tag)})
		b.save(page.Draft{Page: "Home", Content: c.right, Base: page.OnTag(first.View.Tag)})
		a.copyTo(b)
		b.copyTo(a)
		va, vb := a.view("Home"), b.view("Home")
		if va.State != c.state || va.Tag != vb.Tag || va.Content != vb.Content || len(va.Heads) != 2 {
			t.Errorf("%s: %s %q on a, %s %q on b", name, va.State, va.Content, vb.State, vb.Content)
		}
		if c.text != "" && va.Content != c.text {
			t.Errorf("%s: reads %q", name, va.Content)
		}
		resolved := a.save(page.Draft{Page: "Home", Content: "resolved", Base: page.OnTag(va.Tag)})
		if len(resolved.Revision.Header.Parents) != 2 || resolved.View.State != wiki.Text {
			t.Errorf("%s: resolving left %s", name, resolved.View.State)
		}
	}
}

func TestDeletingAgainstAnEditAsks(t *testing.T) {
	a, b := newBox(t, "a"), newBox(t, "b")
	first := a.save(page.Draft{Page: "Home", Content: poem})
	a.copyTo(b)
	gone := a.save(page.Draft{Page: "Home", Kind: wiki.Delete, Base: page.OnTag(first.View.Tag)})
	if gone.View.Exists() {
		t.Error("a deleted page exists")
	}
	b.save(page.Draft{Page: "Home", Content: "kept", Base: page.OnTag(first.View.Tag)})
	b.copyTo(a)
	if v := a.view("Home"); v.State != wiki.Conflict || v.Content != "kept" {
		t.Errorf("reads %s %q", v.State, v.Content)
	}
}

func TestSaveRefusesBadDrafts(t *testing.T) {
	b := newBox(t, "a")
	for name, c := range map[string]struct {
		draft page.Draft
		want  error
	}{
		"path":         {page.Draft{Page: "../etc"}, wiki.ErrName},
		"long name":    {page.Draft{Page: strings.Repeat("x", wiki.MaxName+1)}, wiki.ErrName},
		"long text":    {page.Draft{Page: "x", Content: strings.Repeat("x", wiki.MaxText+1)}, page.ErrTooLarge},
		"long summary": {page.Draft{Page: "x", Comment: strings.Repeat("x", wiki.MaxComment+1)}, page.ErrTooLarge},
		"not text":     {page.Draft{Page: "x", Content: "\xff"}, page.ErrNotText},
	} {
		if err := b.refuse(c.draft); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestSavingWhatThePageSaysChangesNothing(t *testing.T) {
	b := newBox(t, "a")
	first := b.save(page.Draft{Page: "Home", Content: poem})
	again := b.save(page.Draft{Page: "Home", Content: poem, Comment: "again", Base: page.OnAnything()})
	if !again.Unchanged || again.Revision.ID != first.Revision.ID {
		t.Errorf("an unchanged save answered %+v", again)
	}
}

// A program that lost the answer sends its save again, whatever was written
// meanwhile, and even if the save had changed nothing.
func TestAKeyIsKnownEvenIfItChangedNothing(t *testing.T) {
	b := newBox(t, "a")
	b.save(page.Draft{Page: "Home", Content: poem})
	d := page.Draft{Page: "Home", Content: poem, Base: page.OnAnything(), Token: "key"}
	b.save(d)
	b.save(page.Draft{Page: "Home", Content: "later", Base: page.OnAnything()})
	twin := newBox(t, "b")
	b.copyTo(twin)
	if again := twin.save(d); !again.Replayed || twin.view("Home").Content != "later" {
		t.Errorf("replayed is %v and the page says %q", again.Replayed, twin.view("Home").Content)
	}
	d.Content = "other"
	if err := twin.refuse(d); !errors.Is(err, page.ErrTokenReused) {
		t.Errorf("the same key with other content: %v", err)
	}
}

func TestAFormSentUnchangedLeavesNoVersion(t *testing.T) {
	b := newBox(t, "a")
	first := b.save(page.Draft{Page: "Home", Content: poem})
	d := page.Draft{Page: "Home", Content: poem, Base: page.OnHeads(first.Revision.ID), Token: "form"}
	if saved := b.save(d); !saved.Unchanged || b.Store.Latest() != 1 {
		t.Errorf("unchanged is %v, %d versions", saved.Unchanged, b.Store.Latest())
	}
}
