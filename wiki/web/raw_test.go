package web_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/argss/argss/wiki"
)

func TestRawSaysAllAboutAText(t *testing.T) {
	b := newBox(t)
	text := "line\r\nünïcode \x00\n"
	saved := b.put("/raw/Notes/Today", text, "If-None-Match", "*", "Content-Type", "text/plain; charset=utf-8")
	if !saved.Created || saved.Alone || strings.Join(saved.Copies, " ") != "wichita-1 tulsa" {
		t.Errorf("saved as %+v", saved)
	}
	for _, method := range []string{"GET", "HEAD"} {
		r := b.ask(method, "/raw/Notes/Today", "")
		sum := sha256.Sum256([]byte(text))
		for header, want := range map[string]string{
			"Content-Type": "text/plain; charset=utf-8", "ETag": saved.Tag, "Wiki-Revision": saved.Revision,
			"Wiki-Copies": "wichita-1,tulsa", "Wiki-State": "text", "Last-Modified": "",
			"Repr-Digest": "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":",
		} {
			if got := r.Header.Get(header); got != want {
				t.Errorf("%s: %s is %q, want %q", method, header, got, want)
			}
		}
		if got := bodyOf(t, r); method == "GET" && got != text || method == "HEAD" && got != "" {
			t.Errorf("%s: body %q", method, got)
		}
	}
}

func TestRawServesEveryTypeAsPlainText(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Page", "<script>alert(1)</script>", "Content-Type", "text/html")
	if got := b.ask("GET", "/raw/Page", "").Header.Get("Content-Type"); got != "text/plain; charset=utf-8" {
		t.Errorf("served as %q", got)
	}
	wantText(t, b.get("/wiki/Page", 200), "&lt;script&gt;")
}

func TestWhoHasTheTextIsToldSo(t *testing.T) {
	b := newBox(t)
	saved := b.put("/raw/Home", "hello")
	for none, status := range map[string]int{
		saved.Tag: 304, "W/" + saved.Tag: 304, `"other", ` + saved.Tag: 304, "*": 304, `"other"`: 200, "": 200, "junk": 200,
	} {
		r := b.ask("GET", "/raw/Home", "", "If-None-Match", none)
		if r.StatusCode != status || r.Header.Get("ETag") != saved.Tag {
			t.Errorf("If-None-Match %s: %d", none, r.StatusCode)
		}
	}
	if r := b.ask("GET", "/raw/Absent", "", "If-None-Match", "*"); r.StatusCode != 404 {
		t.Errorf("of an absent page: %d", r.StatusCode)
	}
}

func TestSavesFollowWhatWasSeen(t *testing.T) {
	b := newBox(t)
	if b.refused(412, "PUT", "/raw/Home", "x", "If-Match", `"0123"`) != "stale" {
		t.Error("an absent page matched a tag")
	}
	first := b.put("/raw/Home", "one")
	if b.refused(428, "PUT", "/raw/Home", "two") != "base-needed" {
		t.Error("overwritten without a word about the base")
	}
	b.refused(412, "PUT", "/raw/Home", "two", "If-None-Match", "*")
	second := b.put("/raw/Home", "two", "If-Match", first.Tag)
	if second.Created || second.Tag == first.Tag {
		t.Errorf("the second save answered %+v", second)
	}
	r := b.ask("PUT", "/raw/Home", "three", "If-Match", first.Tag)
	var answer struct{ Error, Reason, Etag string }
	decode(t, r, &answer)
	if r.StatusCode != 412 || answer.Etag != second.Tag || r.Header.Get("ETag") != second.Tag {
		t.Errorf("stale: %d %+v, ETag %s", r.StatusCode, answer, r.Header.Get("ETag"))
	}
	b.put("/raw/Home", "three", "If-Match", `"other", W/`+second.Tag)
	b.put("/raw/Home", "four", "If-Match", "*")
}

func TestConditionsThatMakeNoSenseAreRefused(t *testing.T) {
	b := newBox(t)
	tag := b.put("/raw/Home", "one").Tag
	for _, headers := range [][]string{
		{"If-Match", "bare"}, {"If-Match", `"open`}, {"If-Match", `"a" "b"`}, {"If-None-Match", tag},
		{"If-Match", tag, "If-None-Match", "*"}, {"If-Match", tag, "Wiki-Merge", "perhaps"},
		{"If-Match", tag, "Wiki-Comment", "\xff"}, {"If-Match", tag, "Wiki-Comment", "UTF-8''%zz"},
		{"If-Match", tag, "Idempotency-Key", strings.Repeat("k", 256)},
		{"If-Match", "*", "If-Match", `"other"`}, {"If-Match", tag, "Idempotency-Key", "a", "Idempotency-Key", "b"},
		{"If-Match", tag, "Content-Range", "bytes 0-2/9"}, {"If-Match", tag, "Wiki-Author", "\xff"},
		{"If-Match", tag, "Wiki-Comment", "a\x7fb"}, {"If-Match", tag, "Wiki-Author", strings.Repeat("a", 129)},
	} {
		b.refused(400, "PUT", "/raw/Home", "two", headers...)
	}
	b.refused(415, "PUT", "/raw/Home", "two", "If-Match", tag, "Content-Encoding", "gzip")
	b.refused(413, "PUT", "/raw/Home", "two", "If-Match", tag, "Wiki-Comment", strings.Repeat("c", wiki.MaxComment+1))
	b.refused(400, "DELETE", "/raw/Home", "", "If-None-Match", "*")
}

func TestAStaleSaveMergesWhereAsked(t *testing.T) {
	b := newBox(t)
	first := b.put("/raw/Home", "one\ntwo\nthree\n")
	b.put("/raw/Home", "ONE\ntwo\nthree\n", "If-Match", first.Tag)
	merged := b.put("/raw/Home", "one\ntwo\nTHREE\n", "If-Match", first.Tag, "Wiki-Merge", "yes")
	if got := bodyOf(t, b.ask("GET", "/raw/Home", "")); !merged.Merged || got != "ONE\ntwo\nTHREE\n" {
		t.Errorf("merged=%v into %q", merged.Merged, got)
	}
	b.refused(412, "PUT", "/raw/Home", "uno\ntwo\nthree\n", "If-Match", first.Tag, "Wiki-Merge", "yes")
}

func TestAResentSaveIsOneSave(t *testing.T) {
	b := newBox(t)
	headers := []string{"If-None-Match", "*", "Idempotency-Key", "k1", "Wiki-Author", "a1"}
	first := b.put("/raw/Home", "one", headers...)
	before := b.store.Latest()
	again := b.put("/raw/Home", "one", headers...)
	if !again.Replayed || !again.Created || again.Revision != first.Revision || b.store.Latest() != before {
		t.Errorf("resent: %+v", again)
	}
	if word := b.refused(422, "PUT", "/raw/Home", "other", headers...); word != "token-reused" {
		t.Errorf("the key with other content: %s", word)
	}
}

func TestSavingTheSameTextChangesNothing(t *testing.T) {
	b := newBox(t)
	first := b.put("/raw/Home", "one")
	if again := b.put("/raw/Home", "one", "If-Match", "*"); !again.Unchanged || again.Revision != first.Revision {
		t.Errorf("again: %+v", again)
	}
}

func TestAFullDiskSaysSo(t *testing.T) {
	b := newBox(t)
	b.store.Fail(wiki.ErrReadOnly)
	if word := b.refused(507, "PUT", "/raw/Home", "one"); word != "read-only" {
		t.Errorf("a full disk: %s", word)
	}
	b.store.Fail(errors.New("secret detail"))
	r := b.ask("PUT", "/raw/Home", "one")
	if text := bodyOf(t, r); r.StatusCode != 500 || strings.Contains(text, "secret") {
		t.Errorf("%d %s", r.StatusCode, text)
	}
}

func TestAloneIsSaidAloud(t *testing.T) {
	b := newBox(t)
	b.peers.names = b.peers.names[:1]
	if saved := b.put("/raw/Home", "one"); !saved.Alone || len(saved.Copies) != 1 {
		t.Errorf("saved as %+v", saved)
	}
}

func TestCommentsAndAuthorsAreKept(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", "one", "Wiki-Comment", "größer", "Wiki-Author", "a-17")
	b.put("/raw/Home", "two", "If-Match", "*", "Wiki-Comment", "UTF-8''gr%C3%B6%C3%9Fer%20still")
	list := b.changes("/history/Home")
	if list[1].Comment != "größer" || list[1].Author != "a-17" || list[0].Comment != "größer still" {
		t.Errorf("history %+v", list)
	}
}

func TestBadBodiesAreRefused(t *testing.T) {
	b := newBox(t)
	for what, c := range map[string]struct {
		status     int
		body, kind string
	}{
		"not UTF-8":         {400, "\xff\xfe", "text/plain"},
		"another charset":   {415, "x", "text/plain; charset=latin1"},
		"a picture":         {415, "x", "image/png"},
		"JSON":              {415, "{}", "application/json"},
		"a form with files": {415, "--x--", "multipart/form-data; boundary=x"},
		"no type at all":    {415, "x", "text"},
		"a broken type":     {415, "x", "text/plain; charset"},
		"too long":          {413, strings.Repeat("x", wiki.MaxText+1), ""},
	} {
		if got := b.refused(c.status, "PUT", "/raw/Home", c.body, "Content-Type", c.kind); got == "" {
			t.Errorf("%s: no word", what)
		}
	}
}

// endless is a body that must not be read to its end.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return len(p), nil
}

func TestBodiesOverTheLimitAreNotReadWhole(t *testing.T) {
	b := newBox(t)
	for target, limit := range map[string]int{"/raw/Home": wiki.MaxText, "/edit/Home": 4 * wiki.MaxText} {
		for _, announced := range []int64{-1, 1 << 40} {
			body := new(endless)
			method := map[bool]string{true: "PUT", false: "POST"}[strings.HasPrefix(target, "/raw")]
			r := httptest.NewRequest(method, target, body)
			r.ContentLength = announced
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if got := b.send(r); got.StatusCode != http.StatusRequestEntityTooLarge || body.read > 2*limit {
				t.Errorf("%s of %d bytes: %d after reading %d", target, announced, got.StatusCode, body.read)
			}
		}
	}
}

func TestABodyThatBreaksOffIsNotSaved(t *testing.T) {
	b := newBox(t)
	for _, target := range []string{"/raw/Home", "/files/Home"} {
		r := httptest.NewRequest("PUT", target, &broken{left: 100})
		r.ContentLength = 1000
		r.Header.Set("Content-Type", "text/plain")
		if got := b.send(r); got.StatusCode != 400 || b.store.Latest() != 0 {
			t.Errorf("%s: %d, %d stored", target, got.StatusCode, b.store.Latest())
		}
	}
}

func TestDeletingIsARevision(t *testing.T) {
	b := newBox(t)
	b.refused(428, "DELETE", "/raw/Home", "")
	b.refused(412, "DELETE", "/raw/Home", "", "If-Match", "*")
	first := b.put("/raw/Home", "one")
	b.refused(412, "DELETE", "/raw/Home", "", "If-Match", `"0"`)
	r := b.ask("DELETE", "/raw/Home", "", "If-Match", first.Tag, "Wiki-Comment", "gone")
	if r.StatusCode != 200 {
		t.Fatalf("DELETE: %d", r.StatusCode)
	}
	gone := b.ask("GET", "/raw/Home", "")
	if gone.StatusCode != 404 || gone.Header.Get("Wiki-State") != "deleted" || gone.Header.Get("ETag") == "" {
		t.Errorf("after it: %d %v", gone.StatusCode, gone.Header)
	}
	if old := bodyOf(t, b.ask("GET", "/raw/Home?revision="+first.Revision, "")); old != "one" {
		t.Errorf("its old text reads %q", old)
	}
	if again := b.put("/raw/Home", "two", "If-Match", gone.Header.Get("ETag")); !again.Created {
		t.Errorf("written anew: %+v", again)
	}
}

func TestRawFollowsMoves(t *testing.T) {
	b := newBox(t)
	b.put("/raw/New%20name", "here")
	id := b.add(wiki.Header{Page: "Old", Kind: wiki.Rename}, wiki.Body{Target: "New name"})
	r := b.ask("GET", "/raw/Old", "")
	if r.StatusCode != 302 || r.Header.Get("Location") != "/raw/New%20name" ||
		r.Header.Get("Wiki-State") != "moved" || r.Header.Get("Wiki-Revision") != id.String() {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
}

func TestRawShowsConflictsAndMerges(t *testing.T) {
	b := newBox(t)
	base := b.apart("Home", "one\ntwo\nthree\n")
	left, right := b.apart("Home", "ONE\ntwo\nthree\n", base), b.apart("Home", "one\ntwo\nTHREE\n", base)
	r := b.ask("GET", "/raw/Home", "")
	if got := bodyOf(t, r); r.Header.Get("Wiki-State") != "merged" || got != "ONE\ntwo\nTHREE\n" {
		t.Errorf("%s %q", r.Header.Get("Wiki-State"), got)
	}
	if got := r.Header.Get("Wiki-Revision"); len(got) != 129 || !strings.Contains(got, left.String()) || !strings.Contains(got, right.String()) {
		t.Errorf("heads %q", got)
	}
	b.apart("Home", "uno\ntwo\nthree\n", base)
	r = b.ask("GET", "/raw/Home", "")
	if got := bodyOf(t, r); r.Header.Get("Wiki-State") != "conflict" || r.StatusCode != 200 ||
		strings.Count(got, "ONE") != 1 || strings.Count(got, "uno") != 1 || !strings.HasSuffix(got, "two\nTHREE\n") {
		t.Errorf("%d %s %q", r.StatusCode, r.Header.Get("Wiki-State"), got)
	}
	settled := b.put("/raw/Home", "settled", "If-Match", b.ask("HEAD", "/raw/Home", "").Header.Get("ETag"))
	if got := b.ask("GET", "/raw/Home", "").Header.Get("Wiki-Revision"); got != settled.Revision {
		t.Errorf("settling left the heads %s", got)
	}
}

// Two versions share a line that the third never had. It is no base of all
// three, or the third would seem to have taken the line away.
func TestAConflictOfThreeKeepsWhatTwoShare(t *testing.T) {
	for n := range 6 { // the IDs, and so the order of the heads, are others each time
		b := newBox(t)
		name := fmt.Sprint("Page", n)
		first := b.apart(name, "a\nb\nc\nd\ne\n")
		later := b.apart(name, "a\nb\nc\nd\nshared\ne\n", first)
		b.apart(name, "left\nb\nc\nd\nshared\ne\n", later)
		b.apart(name, "right\nb\nc\nd\nshared\ne\n", later)
		b.apart(name, "third\nb\nc\nd\ne\n", first)
		got := b.text(name)
		for _, word := range []string{"left", "right", "third", "shared"} {
			if !strings.Contains(got, word) {
				t.Errorf("%s: %q lacks %s", name, got, word)
			}
		}
	}
}

func TestAConflictOfHundredsIsStillAPage(t *testing.T) {
	b := newBox(t)
	for n := range 300 {
		b.apart("Crowd", fmt.Sprintf("%d\n%s", n, strings.Repeat("line\n", 1000)))
	}
	html := b.get("/wiki/Crowd", 200)
	if len(html) > 1<<20 || strings.Count(html, "no room here") != wiki.MaxParents-16 {
		t.Errorf("%d bytes, %d versions without text", len(html), strings.Count(html, "no room here"))
	}
}

func TestWhatWasErasedIsGone(t *testing.T) {
	b := newBox(t)
	b.erase("Home", b.put("/raw/Home", "a secret").Revision)
	for _, target := range []string{"/raw/Home", "/files/Home"} {
		if word := b.refused(410, "GET", target, ""); word != "erased" {
			t.Errorf("%s: %s", target, word)
		}
	}
	wantText(t, b.get("/wiki/Home", 410), "was erased by a keeper")
	wantText(t, b.get("/history/Home", 200), "erased by a keeper")
}

func TestWhatANewerVersionWroteIsKeptAndSaidSo(t *testing.T) {
	b := newBox(t)
	b.add(wiki.Header{Page: "Home", Kind: "dance"}, wiki.Body{})
	for _, target := range []string{"/raw/Home", "/files/Home", "/wiki/Home", "/edit/Home"} {
		if word := b.refused(501, "GET", target, ""); word != "newer" {
			t.Errorf("%s: %s", target, word)
		}
	}
}

func TestBadRevisionsAreRefused(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Other", "x")
	other := b.ask("HEAD", "/raw/Other", "").Header.Get("Wiki-Revision")
	b.put("/raw/Home", "x")
	for query, status := range map[string]int{
		"junk": 400, strings.Repeat("A", 64): 400, strings.Repeat("0", 64): 404, other: 404,
	} {
		for _, target := range []string{"/raw/Home?revision=", "/wiki/Home?revision=", "/files/Home?revision=", "/edit/Home?revision=", "/diff/Home?to=", "/diff/Home?from="} {
			b.refused(status, "GET", target+query, "")
		}
	}
}
