package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/argss/argss/wiki/search"
	"github.com/argss/argss/wiki/web"
)

// finder answers every query with all pages it was told of.
type finder struct {
	search.Result
	query string
}

func (f *finder) Find(_ context.Context, query string, skip, limit int) (search.Result, error) {
	f.query = query
	r := f.Result
	r.Hits = r.Hits[min(skip, len(r.Hits)):]
	if r.More = len(r.Hits) > limit; r.More {
		r.Hits = r.Hits[:limit]
	}
	return r, nil
}
func (f *finder) Backlinks(_ context.Context, page, _ string, _ int) ([]string, error) {
	return []string{"From " + page}, nil
}
func (f *finder) Wanted(context.Context, int, int) ([]search.Wanted, error) {
	return []search.Wanted{{Page: "Missing <b>", From: 2}}, nil
}
func (f *finder) Orphans(context.Context, string, int) ([]string, error) { return nil, nil }

func newFinder(n int) *finder {
	f := &finder{}
	for i := range n {
		f.Hits = append(f.Hits, search.Hit{Page: fmt.Sprintf("a/b%%%d", i), Title: "T", Extract: []search.Piece{{Text: "<i>x "}, {Text: "y", Match: true}}})
	}
	return f
}

func TestSearchShowsWhatWasFound(t *testing.T) {
	f := newFinder(30)
	f.Done, f.All = 1, 4
	b := newBox(t, func(c *web.Config) { c.Finder = f })
	html := b.get("/search?q=%22two+words%22+-not", 200)
	for _, want := range []string{
		`<a dir="auto" href="/wiki/a/b%250">a/b%0</a>`, `&lt;i&gt;x`, `<mark>y</mark>`, "25 % so far", `skip=20`,
		`value="&#34;two words&#34; -not"`, `action="/search"`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if f.query != `"two words" -not` {
		t.Errorf("asked for %q", f.query)
	}
	if html := b.get("/search?q=x&skip=20", 200); !strings.Contains(html, `start="21"`) || strings.Contains(html, "skip=40") {
		t.Error("the second stretch is not the last ten")
	}
	for _, bad := range []string{"/search?q=%ff", "/search?q=" + strings.Repeat("x", 501), "/search?q=x&skip=-1", "/search?q=x&skip=10001"} {
		b.get(bad, 400)
	}
}

func TestSearchTellsPrograms(t *testing.T) {
	b := newBox(t, func(c *web.Config) { c.Finder = newFinder(1) })
	r := b.ask("GET", "/search?q=x", "", "Accept", "application/json")
	var found web.Found
	if err := json.Unmarshal([]byte(bodyOf(t, r)), &found); err != nil {
		t.Fatal(err)
	}
	if len(found.Hits) != 1 || found.Hits[0].URL != "/wiki/a/b%250" || !found.Hits[0].Extract[1].Match {
		t.Errorf("got %+v", found)
	}
}

func TestListsOfLinksAreShown(t *testing.T) {
	b := newBox(t, func(c *web.Config) { c.Finder = newFinder(0) })
	for address, want := range map[string]string{
		"/backlinks/Home":  `href="/wiki/From%20Home"`,
		"/wanted":          `href="/edit/Missing%20%3Cb%3E">Missing &lt;b&gt;</a>`,
		"/orphans":         "Every page is linked to.",
		"/search?q=absent": "Nothing was found",
	} {
		if html := b.get(address, 200); !strings.Contains(html, want) {
			t.Errorf("%s lacks %s:\n%s", address, want, html)
		}
	}
}

func TestWithoutAFinderPagesAreFoundByName(t *testing.T) {
	b := newBox(t)
	if html := b.get("/pages", 200); !strings.Contains(html, `action="/pages"`) || strings.Contains(html, `action="/search"`) {
		t.Error("the form does not lead to the list of names")
	}
	b.get("/search?q=x", 404)
}
