package web_test

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/argss/argss/wiki"
)

// nasty are names that some part of the way to a page could take for something
// else: for a path, an escape, markup, a query or a second name.
var nasty = []string{
	"%", "%41", "%2e%2e", "100%", "[[", "]]", "((", "common/history", "raw/raw", "wiki/Home", "a b", "a+b",
	"a&b=c", "a?b", "a#b", `a"b`, "a'b", "<i>", "a;b", "a:b", "http:x", "javascript:alert(1)", `C:\x`, "...", "a..b",
	"..a/b..", "~", "*", "|", "`", "é", "日本語/ページ", "مرحبا", "👩‍👩‍👧", "%2F", "%00", "edit", ".hidden", "a%",
	strings.Repeat("x", wiki.MaxName), "a/" + strings.Repeat("ü", 100),
}

func TestEveryNameComesBackOnEveryRoute(t *testing.T) {
	for _, name := range nasty {
		b := newBox(t)
		b.put("/raw/Home", "the frame links here")
		at := wiki.EscapeName(name)
		receipt := b.put("/raw/"+at, "first", "If-None-Match", "*")
		if receipt.Page != name || receipt.URL != "/wiki/"+at {
			t.Errorf("put %q: saved %q at %q", name, receipt.Page, receipt.URL)
		}
		if got := bodyOf(t, b.ask("GET", "/raw/"+at, "")); got != "first" {
			t.Errorf("raw %q: %q", name, got)
		}
		for _, area := range []string{"/wiki/", "/edit/", "/history/", "/diff/", "/delete/"} {
			b.get(area+at, 200)
		}
		saved := b.saveByForm(name, "second")
		if saved.Query().Get("saved") == "" || saved.EscapedPath() != "/wiki/"+at {
			t.Errorf("saving %q leads to %s", name, saved)
		}
		b.followLinks(name, "/wiki/"+at)
		b.followLinks(name, "/history/"+at)
	}
}

// saveByForm saves as a browser does and returns where it is led.
func (b *box) saveByForm(name, text string) *url.URL {
	b.Helper()
	form := b.get("/edit/"+wiki.EscapeName(name), 200)
	r := b.post("/edit/"+wiki.EscapeName(name), url.Values{
		"base": {field(b.TB, form, "base")}, "token": {field(b.TB, form, "token")},
		"type": {field(b.TB, form, "type")}, "content": {text},
	})
	if r.StatusCode != 303 {
		b.Fatalf("saving %q: %d %s", name, r.StatusCode, bodyOf(b.TB, r))
	}
	to, err := r.Location()
	if err != nil {
		b.Fatal(err)
	}
	return to
}

var href = regexp.MustCompile(`(?:href|src|action|formaction)="([^"]*)"`)

// followLinks follows every link of a page to this wiki; none may be refused
// or lead to another page than the one named.
func (b *box) followLinks(name, target string) {
	b.Helper()
	found := false
	for _, m := range href.FindAllStringSubmatch(b.get(target, 200), -1) {
		to := html.UnescapeString(m[1])
		if strings.HasPrefix(to, "#") || strings.HasPrefix(to, "/restore/") {
			continue
		}
		r := b.ask("GET", to, "", "Accept", "text/html")
		if r.StatusCode != 200 {
			b.Errorf("%q: its link %s answers %d", name, to, r.StatusCode)
		}
		found = found || to == "/edit/"+wiki.EscapeName(name)
	}
	if !found {
		b.Errorf("%q: %s does not link to its own form", name, target)
	}
}

func TestBadNamesAreRefusedOnEveryRoute(t *testing.T) {
	bad := map[string]string{
		"nothing":          "",
		"a path up":        "../etc/passwd",
		"an escaped one":   "%2e%2e/etc/passwd",
		"half escaped":     ".%2e",
		"with backslashes": "a/..%2fb",
		"a dot":            "a/./b",
		"two slashes":      "a//b",
		"a slash at last":  "Home/",
		"escaped slashes":  "a%2f%2fb",
		"NUL":              "a%00b",
		"a newline":        "a%0ab",
		"escape":           "a%1bb",
		"DEL":              "a%7fb",
		"direction marks":  "a%E2%80%AEb",
		"line separator":   "a%E2%80%A8b",
		"bad UTF-8":        "a%ffb",
		"overlong UTF-8":   "a%c0%aeb",
		"a surrogate":      "a%ed%a0%80b",
		"blank first":      "%20a",
		"blank at last":    "a%20",
		"too long":         strings.Repeat("x", wiki.MaxName+1),
		"too long escaped": strings.Repeat("%C3%BC", 128),
	}
	b := newBox(t)
	for what, escaped := range bad {
		for _, area := range []string{"raw", "wiki", "files", "edit", "history", "diff", "delete"} {
			if word := b.refused(400, "GET", "/"+area+"/"+escaped, ""); word != "name" {
				t.Errorf("%s at %s: %s", what, area, word)
			}
		}
		b.refused(400, "PUT", "/raw/"+escaped, "x")
		b.refused(400, "PUT", "/files/"+escaped, "x", "Content-Type", "image/png")
		b.refused(400, "DELETE", "/raw/"+escaped, "", "If-Match", "*")
		b.refused(400, "POST", "/edit/"+escaped, "content=x", "Content-Type", "application/x-www-form-urlencoded")
		b.refused(400, "POST", "/restore/"+escaped, "", "Content-Type", "application/x-www-form-urlencoded")
	}
}

func TestAnEscapedSlashIsASlash(t *testing.T) {
	b := newBox(t)
	b.put("/raw/a%2Fb", "x")
	if got := bodyOf(t, b.ask("GET", "/raw/a/b", "")); got != "x" {
		t.Errorf("read %q", got)
	}
}
