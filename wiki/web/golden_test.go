package web_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argss/argss/wiki"
)

var update = flag.Bool("update", false, "write testdata/*.html from what the pages are now")

// readable puts every element on its own line and leaves out what changes with
// every touch of the style.
func readable(html string) string {
	html = regexp.MustCompile(`/static/(\w+)-[0-9a-f]{12}`).ReplaceAllString(html, "/static/$1-HASH")
	html = regexp.MustCompile(`name="token" value="[0-9a-f]{32}"`).ReplaceAllString(html, `name="token" value="TOKEN"`)
	return strings.ReplaceAll(html, "><", ">\n<") + "\n"
}

func TestPagesAreDrawnAsBefore(t *testing.T) {
	b := furnished(t)
	for file, c := range map[string]struct {
		target string
		status int
	}{
		"page":     {"/wiki/Home", 200},
		"version":  {"/wiki/Home?revision=" + b.changes("/history/Home")[1].Revision, 200},
		"absent":   {"/wiki/Garten", 404},
		"deleted":  {"/wiki/Attic", 404},
		"conflict": {"/wiki/Recipes/Soup", 200},
		"merged":   {"/wiki/Recipes/Bread", 200},
		"moved":    {"/wiki/Old?moved=no", 200},
		"file":     {"/wiki/Pictures/box.png", 200},
		"edit":     {"/edit/Home", 200},
		"settle":   {"/edit/Recipes/Soup", 200},
		"history":  {"/history/Home", 200},
		"diff":     {"/diff/Home", 200},
		"delete":   {"/delete/Home", 200},
		"recent":   {"/recent", 200},
		"pages":    {"/pages", 200},
		"problem":  {"/raw/a//b", 400},
	} {
		got := readable(b.get(c.target, c.status))
		path := filepath.Join("testdata", file+".html")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s is drawn otherwise (go test -update if that is meant):\n%s", c.target, diff)
		}
	}
}

// furnished returns a wiki with a page in every state.
func furnished(t *testing.T) *box {
	b := newBox(t)
	b.put("/raw/Home", "# Welcome\n\nRead [[Garden]].\n", "Wiki-Author", "ada")
	b.set("/raw/Home", "# Welcome\n\nRead [[Garden]] or [[Nothing]].\n\n## One\n\n## Two\n\n## Three\n\n## Four\n", "Wiki-Comment", "more")
	b.put("/raw/Garden", "Roses <b>grow</b> here.\n")
	b.put("/raw/Attic", "Dust.\n")
	b.ask("DELETE", "/raw/Attic", "", "If-Match", "*", "Wiki-Comment", "cleaned")
	b.put("/files/Pictures/box.png", "data", "Content-Type", "image/png")
	b.add(wiki.Header{Page: "Old", Kind: wiki.Rename}, wiki.Body{Target: "Garden"})
	soup := b.apart("Recipes/Soup", "# Soup\n\nTwo onions, chopped.\n\nBoil the water.\n")
	b.apart("Recipes/Soup", "# Soup\n\nThree onions, chopped.\n\nBoil the water slowly.\n", soup)
	b.apart("Recipes/Soup", "# Soup\n\nTwo carrots, chopped.\n\nBoil the water with salt.\n", soup)
	bread := b.apart("Recipes/Bread", "flour\n\nwater\n\nsalt\n")
	b.apart("Recipes/Bread", "FLOUR\n\nwater\n\nsalt\n", bread)
	b.apart("Recipes/Bread", "flour\n\nwater\n\nSALT\n", bread)
	return b
}

func TestMovedPagesLeadOnButNotInCircles(t *testing.T) {
	b := furnished(t)
	move := func(from, to string) { b.add(wiki.Header{Page: from, Kind: wiki.Rename}, wiki.Body{Target: to}) }
	move("Older", "Old")
	move("Ring", "Ring 2")
	move("Ring 2", "Ring")
	for target, want := range map[string]string{"/wiki/Old": "/wiki/Garden?from=Old", "/wiki/Older": "/wiki/Garden?from=Older"} {
		if r := b.ask("GET", target, ""); r.StatusCode != 302 || r.Header.Get("Location") != want {
			t.Errorf("%s: %d to %s", target, r.StatusCode, r.Header.Get("Location"))
		}
	}
	wantText(t, b.get("/wiki/Garden?from=Old", 200), "“Old” moved here.", `href="/wiki/Old?moved=no"`)
	wantText(t, b.get("/wiki/Ring", 200), `This page moved to <a href="/wiki/Ring%202">`)
}

func TestPagesShowWhenALinkFindsItsPage(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", "[[Garden]]")
	wantText(t, b.get("/wiki/Home", 200), `class="wanted"`)
	b.put("/raw/Unrelated", "x")
	wantText(t, b.get("/wiki/Home", 200), `class="wanted"`)
	b.put("/raw/Garden", "x")
	wantText(t, b.get("/wiki/Home", 200), `class="page"`)
	b.ask("DELETE", "/raw/Garden", "", "If-Match", "*")
	wantText(t, b.get("/wiki/Home", 200), `class="wanted"`)
}

func TestAnErasedPageIsNotShownFromMemory(t *testing.T) {
	b := newBox(t)
	saved := b.put("/raw/Home", "a secret")
	wantText(t, b.get("/wiki/Home", 200), "a secret")
	b.erase("Home", saved.Revision)
	b.get("/wiki/Home", 410)
	b.refused(410, "GET", "/raw/Home", "")
}
