package search_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/merge"
	"github.com/argss/argss/wiki/page"
	"github.com/argss/argss/wiki/search"
	"github.com/argss/argss/wiki/wikitest"
)

// library is a set with an index that follows it.
type library struct {
	t     *testing.T
	set   *wikitest.Memory
	pages *page.Pages
	path  string
	index *search.Index
	stop  func()
}

func newLibrary(t *testing.T, path string) *library {
	set := wikitest.NewMemory("one")
	l := &library{t: t, set: set, path: path, pages: page.New(page.Config{
		Store: set, Merger: merge.Merger{}, Publisher: publisher{set}, Now: time.Now, Random: rand.Reader,
	})}
	l.open()
	t.Cleanup(func() { l.stop() })
	return l
}

func (l *library) open() {
	l.t.Helper()
	index, err := search.Open(search.Config{
		Path: l.path, Set: l.set, Read: search.Reader(l.pages), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		l.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- index.Run(ctx) }()
	l.index = index
	l.stop = func() {
		cancel()
		if err := <-done; err != nil {
			l.t.Error(err)
		}
		if err := index.Close(); err != nil {
			l.t.Error(err)
		}
		l.stop = func() {}
	}
}

func (l *library) write(name, text string) {
	l.t.Helper()
	view, err := l.pages.View(name)
	if err != nil {
		l.t.Fatal(err)
	}
	if _, err := l.pages.Save(l.t.Context(), page.Draft{Page: name, Content: text, Base: page.OnTag(view.Tag)}); err != nil {
		l.t.Fatal(err)
	}
}

// settle waits until the index has everything.
func (l *library) settle() {
	l.t.Helper()
	for range 3000 {
		if done, all := l.index.Progress(); done == all {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	l.t.Fatal("the index does not become complete")
}

// find returns the names of the pages that have all the words, one for a line.
func (l *library) find(query string) string {
	l.t.Helper()
	r := l.result(query)
	if r.Loose {
		return ""
	}
	return strings.Join(l.names(r), "\n")
}

func (l *library) result(query string) search.Result {
	l.t.Helper()
	l.settle()
	r, err := l.index.Find(l.t.Context(), query, 0, 20)
	if err != nil {
		l.t.Fatalf("find %q: %v", query, err)
	}
	return r
}

func (l *library) names(r search.Result) []string {
	var names []string
	for _, h := range r.Hits {
		names = append(names, h.Page)
	}
	return names
}

type publisher struct{ set *wikitest.Memory }

func (p publisher) Publish(ctx context.Context, r ...wiki.Revision) (wiki.Acknowledgement, error) {
	_, err := p.set.Add(ctx, r...)
	return wiki.Acknowledgement{Copies: []string{"one"}, Alone: true}, err
}
func (publisher) CatchUp(context.Context) error { return nil }
func (publisher) Copies(wiki.ID) []string       { return nil }
func (publisher) FetchBlob(context.Context, wiki.Hash) ([]byte, error) {
	return nil, wiki.ErrNotFound
}

func TestPagesAreFoundByWhatTheySay(t *testing.T) {
	l := newLibrary(t, "")
	l.write("Résumé", "# Curriculum\nA short history of *one* person.")
	l.write("garden/Tomatoes", "Sow in March. The tomato likes the sun; water it daily.")
	l.write("garden/Calendar", "# Calendar\n## March\nTomatoes, leeks.\n## April\nPotatoes.")
	l.write("common/tar", "It packs.")
	l.write("common/git-get-tar-commit-id", "It tells.")
	l.write("linux/target", "It aims.")
	l.write("WikiGarden", "About this wiki.")
	l.write("東京", "東京タワーは東京都港区にある電波塔である。")
	l.write("서울", "서울에서는 지하철이 빠르다.")
	l.write("قهوة", "القَهْوَة مشروب")
	l.write("Straße", "Fußgänger zuerst. Ein Weißbrot.")
	l.write("C++", "std::vector<int> v; printf(\"%d\")")
	l.write("हिन्दी", "किताब और कलम")
	for query, want := range map[string]string{
		"tomato":                "garden/Tomatoes\ngarden/Calendar", // the name first; the last word may be unfinished
		"TOMATOES march":        "garden/Tomatoes\ngarden/Calendar",
		"tar":                   "common/tar\ncommon/git-get-tar-commit-id\nlinux/target",
		"march -sun":            "garden/Calendar",
		`"likes the sun"`:       "garden/Tomatoes",
		`"sun the likes"`:       "",
		"resume":                "Résumé",
		"résumé":                "Résumé",
		"curricul":              "Résumé",
		"garden":                "WikiGarden\ngarden/Calendar\ngarden/Tomatoes",
		"タワー":                   "東京",
		"京都":                    "東京",
		"電":                     "東京",
		"都京":                    "",
		"지하철":                   "서울",
		"القهوة":                "قهوة",
		"strasse":               "Straße",
		"fussgänger":            "Straße",
		"vector":                "C++",
		"किताब":                 "हिन्दी",
		"कताब":                  "",
		"":                      "",
		"   ":                   "",
		`"`:                     "",
		"-":                     "",
		`- "" * ( ) AND OR NOT`: "",
		"name:tomato":           "",
		"ZZZ":                   "",
	} {
		if diff := cmp.Diff(want, l.find(query)); diff != "" {
			t.Errorf("find %q (-want +got)\n%s", query, diff)
		}
	}
}

func TestSomeOfTheWordsAreBetterThanNothing(t *testing.T) {
	l := newLibrary(t, "")
	l.write("Bees", "They make honey.")
	r := l.result("honey unicorn")
	if !r.Loose || len(r.Hits) != 1 {
		t.Errorf("got %+v, want the page with one of the words, said to be that", r)
	}
}

func TestAnExtractShowsTheWordsWhereTheyStand(t *testing.T) {
	l := newLibrary(t, "")
	l.write("Long", strings.Repeat("Nothing to see here. ", 200)+"\n\nThe **Queen** bee of the hive, 東京タワー.\n\n"+strings.Repeat("More of it. ", 200))
	for query, want := range map[string]string{
		"queen hive": "The [Queen] bee of the [hive], 東京タワー.",
		"タワ":         "The Queen bee of the hive, 東京[タワ]ー.",
		"long":       "Nothing to see here. Nothing",
	} {
		r := l.result(query)
		if len(r.Hits) != 1 {
			t.Fatalf("find %q: %d hits", query, len(r.Hits))
		}
		var b strings.Builder
		for _, p := range r.Hits[0].Extract {
			if p.Match {
				b.WriteString("[" + p.Text + "]")
			} else {
				b.WriteString(p.Text)
			}
		}
		if got := b.String(); !strings.HasPrefix(got, want) || len(got) > 300 {
			t.Errorf("the extract for %q is %q, want it to begin with %q", query, got, want)
		}
	}
}

func TestTheIndexFollowsThePages(t *testing.T) {
	l := newLibrary(t, filepath.Join(t.TempDir(), "search.db"))
	l.write("One", "old words")
	l.write("Two", "a [[One]] and a [[Missing]] and [[Missing]]")
	l.write("Three", "a [[Missing]], [[Other]]")
	compare := func(what string, got, want any) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", what, diff)
		}
	}
	compare("found", l.find("old"), "One")
	l.write("One", "new words")
	compare("the old words", l.find("old"), "")
	compare("the new words", l.find("new"), "One")
	links, err := l.index.Backlinks(t.Context(), "One", "", 10)
	compare("backlinks", links, []string{"Two"})
	wanted, err2 := l.index.Wanted(t.Context(), 0, 10)
	compare("wanted", wanted, []search.Wanted{{Page: "Missing", From: 2}, {Page: "Other", From: 1}})
	orphans, err3 := l.index.Orphans(t.Context(), "", 10)
	compare("orphans", orphans, []string{"Three", "Two"})
	if err != nil || err2 != nil || err3 != nil {
		t.Fatal(err, err2, err3)
	}
	if _, err := l.pages.Save(t.Context(), page.Draft{Page: "One", Kind: wiki.Delete, Base: page.OnAnything()}); err != nil {
		t.Fatal(err)
	}
	compare("after the deletion", l.find("new"), "")
}

func TestAnIndexIsTakenUpWhereItWas(t *testing.T) {
	l := newLibrary(t, filepath.Join(t.TempDir(), "search.db"))
	l.write("One", "before")
	l.settle()
	l.stop()
	l.write("Two", "while it was away")
	l.open()
	if got := l.find("before"); got != "One" {
		t.Errorf("found %q, want what was there before", got)
	}
	if got := l.find("away"); got != "Two" {
		t.Errorf("found %q, want what came meanwhile", got)
	}
}

func TestADamagedOrForeignIndexIsMadeAnew(t *testing.T) {
	for name, damage := range map[string]func(file []byte) []byte{
		"cut":     func(b []byte) []byte { return b[:len(b)/2] },
		"zeroed":  func(b []byte) []byte { return make([]byte, len(b)) },
		"garbage": func(b []byte) []byte { return []byte(strings.Repeat("not a database ", 1000)) },
		"flipped": func(b []byte) []byte {
			for i := 4096; i < len(b); i += 97 {
				b[i] ^= 0x55
			}
			return b
		},
		"empty": func([]byte) []byte { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			l := newLibrary(t, filepath.Join(t.TempDir(), "search.db"))
			for i := range 50 {
				l.write(fmt.Sprint("Page", i), "the words of a page")
			}
			l.settle()
			l.stop()
			file, err := os.ReadFile(l.path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(l.path, damage(file), 0o600); err != nil {
				t.Fatal(err)
			}
			l.open()
			if got := len(l.result("words").Hits); got != 20 {
				t.Errorf("found %d pages, want 20", got)
			}
		})
	}
	t.Run("another store", func(t *testing.T) {
		l := newLibrary(t, filepath.Join(t.TempDir(), "search.db"))
		l.write("Secret", "of another wiki")
		l.settle()
		l.stop()
		other := newLibrary(t, "")
		other.stop()
		other.set = wikitest.NewMemory("two")
		other.pages.Store, other.pages.Publisher = other.set, publisher{other.set}
		other.path = l.path
		other.open()
		other.write("Mine", "of this wiki")
		if got := other.find("wiki"); got != "Mine" {
			t.Errorf("found %q, want what is in this wiki only", got)
		}
	})
}

func TestAPageThatCannotBeReadStopsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := wikitest.NewMemory("one")
		g := wikitest.NewGenerator(1)
		if _, err := set.Add(t.Context(), g.Edit("Bad", "x"), g.Edit("Good", "y")); err != nil {
			t.Fatal(err)
		}
		index, err := search.Open(search.Config{Set: set, Log: slog.New(slog.DiscardHandler), Read: func(name string) (search.Page, bool, error) {
			if name == "Bad" {
				return search.Page{}, false, wiki.ErrDamaged
			}
			return search.Page{Plain: "fine"}, true, nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- index.Run(ctx) }()
		time.Sleep(time.Second)
		synctest.Wait()
		r, err := index.Find(t.Context(), "fine", 0, 10)
		if err != nil || len(r.Hits) != 1 || r.Done != r.All {
			t.Errorf("got %+v, %v", r, err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		index.Close()
	})
}
