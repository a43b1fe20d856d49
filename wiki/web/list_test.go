package web_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/argss/argss/wiki"
)

func TestHistoryTellsProgramsAll(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", "x", "Wiki-Author", "a1", "Wiki-Comment", "first")
	b.put("/raw/Home", "longer", "If-Match", "*")
	list := b.changes("/history/Home")
	if len(list) != 2 {
		t.Fatalf("%d changes", len(list))
	}
	first := list[1]
	if first.Seq != 1 || first.Kind != "edit" || first.Author != "a1" || first.Comment != "first" || first.Size != 1 ||
		first.Digest != "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" || len(first.Parents) != 0 ||
		!slices.Equal(first.Copies, b.peers.names) || first.Time == 0 {
		t.Errorf("the first change is %+v", first)
	}
	if list[0].Parents[0] != first.Revision {
		t.Errorf("the second follows %v", list[0].Parents)
	}
}

func TestHistoryIsReadInStretches(t *testing.T) {
	b := newBox(t)
	for i := range 7 {
		b.set("/raw/Home", fmt.Sprint(i))
		if i == 0 {
			b.put("/raw/Other", "y")
		}
	}
	var got []string
	before := ""
	for {
		list := b.changes("/history/Home?limit=3" + before)
		for _, c := range list {
			got = append(got, c.Revision)
			before = "&before=" + c.Revision
		}
		if len(list) < 3 {
			break
		}
	}
	whole := b.changes("/history/Home")
	if len(got) != 7 || len(whole) != 7 || got[6] != whole[6].Revision {
		t.Errorf("%d in stretches, %d at once", len(got), len(whole))
	}
	bySeq := b.changes(fmt.Sprintf("/history/Home?before=%d", whole[4].Seq))
	if len(bySeq) != 2 {
		t.Errorf("by number: %d", len(bySeq))
	}
	for _, query := range []string{"limit=0", "limit=501", "limit=x", "before=x", "before=0", "before=-1"} {
		b.refused(400, "GET", "/history/Home?"+query, "")
	}
	b.refused(404, "GET", "/history/Home?before="+strings.Repeat("0", 64), "")
	b.refused(404, "GET", "/history/Nothing", "")
	wantText(t, b.get("/history/Home?limit=3", 200), "Older versions")
}

func TestAnEmptyLimitOrHistoryEndIsNoError(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", "x")
	first := b.changes("/history/Home")[0].Revision
	if list := b.changes("/history/Home?before=" + first); len(list) != 0 {
		t.Errorf("before the first: %v", list)
	}
}

func TestDiffMarksWords(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", "one\ntwo\nthree\nfour\nfive\nsix\nseven\nthe quick fox jumps\nend\n")
	b.put("/raw/Home", "one\ntwo\nthree\nfour\nfive\nsix\nseven\nthe slow fox jumps\nend\nmore <b>\n", "If-Match", "*")
	html := b.get("/diff/Home", 200)
	wantText(t, html, "<del>the <mark>quick</mark> fox jumps</del>", "<ins>the <mark>slow</mark> fox jumps</ins>",
		"<ins>more &lt;b&gt;</ins>", "4 lines alike", "Restore the older version")
	list := b.changes("/history/Home")
	wantText(t, b.get("/diff/Home?from="+list[0].Revision+"&to="+list[1].Revision, 200), "<ins>the <mark>quick</mark> fox jumps</ins>")
	wantText(t, b.get("/diff/Home?to="+list[1].Revision, 200), "the page did not exist", "<ins>two</ins>")
	wantText(t, b.get("/diff/Home?from="+list[0].Revision+"&to="+list[0].Revision, 200), "have the same text")
}

func TestDiffOfWhatIsNoTextSaysWhat(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", "text")
	b.put("/files/Home", "data", "Content-Type", "image/png", "If-Match", "*")
	wantText(t, b.get("/diff/Home", 200), "A file: image/png, 4 bytes.")
	b.ask("DELETE", "/raw/Home", "", "If-Match", "*")
	wantText(t, b.get("/diff/Home", 200), "The page was deleted.")
}

func TestRecentChangesHideTheSystemsPages(t *testing.T) {
	b := newBox(t)
	wantText(t, b.get("/recent", 200), "Nothing was changed yet.")
	b.put("/raw/System/Boxes", "x")
	b.put("/raw/Home", "x", "Wiki-Comment", "hello there")
	html := b.get("/recent", 200)
	wantText(t, html, "/wiki/Home", "hello there", "Monday, 5 January 2026")
	if strings.Contains(html, "/wiki/System/Boxes") {
		t.Error("System/ is shown unasked")
	}
	wantText(t, b.get("/recent?system=yes", 200), "/wiki/System/Boxes")
}

func TestRecentChangesAreAllReachedOnce(t *testing.T) {
	b := newBox(t)
	for i := range 125 {
		b.put(fmt.Sprintf("/raw/Page%%20%03d", i), "x")
		b.put(fmt.Sprintf("/raw/System/%d", i), "x")
	}
	seen := map[string]int{}
	older := regexp.MustCompile(`class="button" href="(/recent[^"]*)"`)
	page := regexp.MustCompile(`class="page" dir="auto" href="/wiki/(Page%20\d+)"`)
	for at, turns := "/recent", 0; ; turns++ {
		html := b.get(at, 200)
		for _, m := range page.FindAllStringSubmatch(html, -1) {
			seen[m[1]]++
		}
		next := older.FindStringSubmatch(html)
		if next == nil || turns > 10 {
			break
		}
		at = next[1]
	}
	if len(seen) != 125 || seen["Page%20000"] != 1 || seen["Page%20124"] != 1 {
		t.Errorf("saw %d pages", len(seen))
	}
	b.refused(400, "GET", "/recent?before=x", "")
}

func TestAChangeOnOneBoxOnlyIsMarked(t *testing.T) {
	b := newBox(t)
	b.peers.names = []string{"wichita-1"}
	b.put("/raw/Home", "x")
	wantText(t, b.get("/recent", 200), "only on wichita-1 yet")
	wantText(t, b.get("/history/Home", 200), "only on wichita-1 yet")
}

func TestPagesAreFoldedByNamespace(t *testing.T) {
	b := newBox(t)
	for _, name := range []string{"Home", "common/tar", "common/history", "common/deep/er", "%", "((", "common", "zebra/a"} {
		b.put("/raw/"+wiki.EscapeName(name), "x")
	}
	items := regexp.MustCompile(`<li[^>]*><a dir="auto" href="([^"]*)">`)
	for target, want := range map[string][]string{
		"/pages":                  {"/wiki/%25", "/wiki/%28%28", "/wiki/Home", "/wiki/common", "/pages?prefix=common%2F", "/pages?prefix=zebra%2F"},
		"/pages?prefix=common/":   {"/pages?prefix=common%2Fdeep%2F", "/wiki/common/history", "/wiki/common/tar"},
		"/pages?prefix=common/t":  {"/wiki/common/tar"},
		"/pages?prefix=home":      {"/wiki/Home"},
		"/pages?prefix=Zebra/":    nil,
		"/pages?prefix=nothing":   nil,
		"/pages?prefix=%25":       {"/wiki/%25"},
		"/pages?after=Home":       {"/wiki/common", "/pages?prefix=common%2F", "/pages?prefix=zebra%2F"},
		"/pages?after=common%2F":  {"/pages?prefix=zebra%2F"},
		"/pages?prefix=z&after=z": {"/pages?prefix=zebra%2F"},
	} {
		var got []string
		for _, m := range items.FindAllStringSubmatch(b.get(target, 200), -1) {
			got = append(got, m[1])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s lists %q, want %q", target, got, want)
		}
	}
	wantText(t, b.get("/pages?prefix=nothing", 200), "No page’s name begins with “nothing”", `href="/edit/nothing"`)
	for _, query := range []string{"prefix=%ff", "prefix=%00", "after=%ff", "prefix=" + strings.Repeat("x", 300)} {
		b.refused(400, "GET", "/pages?"+query, "")
	}
}

func TestALongListOfPagesIsReadInStretches(t *testing.T) {
	b := newBox(t)
	for i := range 450 {
		b.apart(fmt.Sprintf("p%03d", i), "x")
		b.apart(fmt.Sprintf("ns%d/p%03d", i%3, i), "x")
	}
	items := regexp.MustCompile(`<li[^>]*><a dir="auto" href="([^"]*)">`)
	more := regexp.MustCompile(`class="button" href="(/pages[^"]*)"`)
	seen := map[string]int{}
	for at, turns := "/pages", 0; turns < 10; turns++ {
		html := b.get(at, 200)
		for _, m := range items.FindAllStringSubmatch(html, -1) {
			seen[m[1]]++
		}
		next := more.FindStringSubmatch(html)
		if next == nil {
			break
		}
		at = strings.ReplaceAll(next[1], "&amp;", "&")
	}
	if len(seen) != 453 || seen["/pages?prefix=ns2%2F"] != 1 || seen["/wiki/p449"] != 1 {
		t.Errorf("saw %d entries", len(seen))
	}
}
