package web_test

import (
	"regexp"
	"strings"
	"testing"
)

func TestStyleAndScriptAreSmallAndKeptForEver(t *testing.T) {
	b := newBox(t)
	html := b.get("/pages", 200)
	for pattern, limit := range map[string]int{
		`/static/style-[0-9a-f]{12}\.css`: 14 << 10,
		`/static/script-[0-9a-f]{12}\.js`: 10 << 10,
		`/static/icon-[0-9a-f]{12}\.svg`:  1 << 10,
	} {
		at := regexp.MustCompile(pattern).FindString(html)
		plain, zipped := b.ask("GET", at, ""), b.ask("GET", at, "", "Accept-Encoding", "gzip")
		if size := len(bodyOf(t, plain)); size == 0 || size > limit {
			t.Errorf("%s is %d bytes long, at most %d", at, size, limit)
		}
		if zipped.Header.Get("Content-Encoding") != "gzip" || zipped.ContentLength >= plain.ContentLength {
			t.Errorf("%s is not compressed", at)
		}
		if !strings.Contains(plain.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s may not be kept", at)
		}
	}
}

func TestAssetsOfAnotherVersionAreAnsweredButNotKept(t *testing.T) {
	b := newBox(t)
	r := b.ask("GET", "/static/style-000000000000.css", "")
	if r.StatusCode != 200 || r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d, %s", r.StatusCode, r.Header.Get("Cache-Control"))
	}
	for _, target := range []string{"/static/", "/static/../site.go", "/static/nothing.css", "/static/style-", "/static"} {
		if r := b.ask("GET", target, ""); r.StatusCode != 404 {
			t.Errorf("%s: %d", target, r.StatusCode)
		}
	}
	for _, target := range []string{"/favicon.ico", "/robots.txt"} {
		if r := b.ask("GET", target, ""); r.StatusCode != 200 {
			t.Errorf("%s: %d", target, r.StatusCode)
		}
	}
}
