package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/argss/argss/wiki"
)

// open asks for a page's form and returns it filled as it came.
func (b *box) open(name string) url.Values {
	b.Helper()
	html := b.get("/edit/"+name, 200)
	return url.Values{"base": {field(b.TB, html, "base")}, "token": {field(b.TB, html, "token")},
		"type": {field(b.TB, html, "type")}, "do": {"save"}}
}

// save sends a form and wants to be led to the page.
func (b *box) save(name string, form url.Values) *http.Response {
	b.Helper()
	r := b.post("/edit/"+name, form)
	if r.StatusCode != 303 {
		b.Fatalf("saving %s: %d %s", name, r.StatusCode, bodyOf(b.TB, r))
	}
	return r
}

func (b *box) text(name string) string {
	b.Helper()
	return bodyOf(b.TB, b.ask("GET", "/raw/"+name, ""))
}

func with(form url.Values, pairs ...string) url.Values {
	out := url.Values{}
	for k, v := range form {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

func TestASaveSaysWhoHasIt(t *testing.T) {
	b := newBox(t)
	r := b.save("Home", with(b.open("Home"), "content", "hello"))
	html := b.get(r.Header.Get("Location"), 200)
	wantText(t, html, "Saved on wichita-1 and tulsa.", `role="status"`, `data-box="wichita-2">wichita-2 <span>not yet</span>`)
	b.peers.names = []string{"wichita-1"}
	r = b.save("Home", with(b.open("Home"), "content", "hello again"))
	wantText(t, b.get(r.Header.Get("Location"), 200), "Only here: no other box answered. It will be copied when one returns.")
	r = b.save("Home", with(b.open("Home"), "content", "hello again"))
	wantText(t, b.get(r.Header.Get("Location"), 200), "Nothing was changed: the page says that already.")
}

func TestNobodyCanBeToldOfASaveThatWasNotMade(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", "x")
	other := b.put("/raw/Other", "y").Revision
	for _, id := range []string{other, strings.Repeat("0", 64), "junk"} {
		if html := b.get("/wiki/Home?saved="+id, 200); strings.Contains(html, "Saved on") {
			t.Errorf("told that %s was saved", id)
		}
	}
}

func TestFormTextsComeBackAsTheyWere(t *testing.T) {
	b := newBox(t)
	for stored, sent := range map[string]string{ // sent is what a browser makes of it
		"a\nb\n":        "a\r\nb\r\n",
		"\n\nfirst":     "\r\n\r\nfirst",
		"a\r\nb\r\n":    "a\r\nb\r\n",
		"</textarea>&<": "</textarea>&<",
	} {
		b.set("/raw/Home", stored)
		html := b.get("/edit/Home", 200)
		form := with(b.open("Home"), "content", sent+"!")
		if strings.Contains(html, `name="crlf"`) {
			form.Set("crlf", "yes")
		}
		b.save("Home", form)
		if got := b.text("Home"); got != stored+"!" {
			t.Errorf("%q came back as %q", stored, got)
		}
	}
	b.put("/raw/Home", "\n\nfirst", "If-Match", "*")
	wantText(t, b.get("/edit/Home", 200), ">\n\n\nfirst</textarea>")
}

func TestAResentFormIsOneSave(t *testing.T) {
	b := newBox(t)
	form := with(b.open("Home"), "content", "hello", "comment", "hi")
	first := b.save("Home", form)
	before := b.store.Latest()
	again := b.save("Home", form)
	if b.store.Latest() != before || first.Header.Get("Location") != again.Header.Get("Location") {
		t.Errorf("resent: %d stored, then %d", before, b.store.Latest())
	}
}

func TestWritingOnAfterGoingBackIsNoConflictWithOneself(t *testing.T) {
	b := newBox(t)
	form := b.open("Home")
	b.save("Home", with(form, "content", "one\n"))
	b.save("Home", with(form, "content", "one, or two\n"))
	before := b.store.Latest()
	b.save("Home", with(form, "content", "one, or two\n"))
	if got := b.text("Home"); got != "one, or two\n" || b.store.Latest() != before {
		t.Errorf("reads %q", got)
	}
	if list := b.changes("/history/Home"); len(list) != 2 {
		t.Errorf("%d versions", len(list))
	}
}

func TestGoingBackBehindAMergeKeepsWhatOthersWrote(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", "one\ntwo\nthree\nfour\nfive\n")
	form := b.open("Home")
	b.put("/raw/Home", "ONE\ntwo\nthree\nfour\nfive\n", "If-Match", "*")
	b.save("Home", with(form, "content", "one\ntwo\nthree\nfour\nFIVE\n"))
	r := b.post("/edit/Home", with(form, "content", "one\ntwo\nTHREE\nfour\nFIVE\n"))
	if r.StatusCode != 303 {
		t.Fatalf("writing on: %d", r.StatusCode)
	}
	if got := b.text("Home"); got != "ONE\ntwo\nTHREE\nfour\nFIVE\n" {
		t.Errorf("reads %q", got)
	}
}

func TestAStaleFormIsMergedIfThatIsClean(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", "one\ntwo\nthree\n")
	form := b.open("Home")
	b.put("/raw/Home", "ONE\ntwo\nthree\n", "If-Match", "*")
	r := b.save("Home", with(form, "content", "one\ntwo\nTHREE\n"))
	wantText(t, b.get(r.Header.Get("Location"), 200), "Your changes were combined with what others wrote meanwhile.")
	if got := b.text("Home"); got != "ONE\ntwo\nTHREE\n" {
		t.Errorf("reads %q", got)
	}
}

func TestAStaleFormThatClashesLosesNoWord(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", "one\ntwo\nthree\n")
	form := b.open("Home")
	b.put("/raw/Home", "one\nTHEIR WORDS\nthree\n", "If-Match", "*")
	before := b.store.Latest()
	r := b.post("/edit/Home", with(form, "content", "one\nmine & mine\nthree\n", "comment", "my summary"))
	html := bodyOf(t, r)
	if r.StatusCode != 409 || b.store.Latest() != before {
		t.Fatalf("%d, %d stored", r.StatusCode, b.store.Latest())
	}
	wantText(t, html, "Nothing is saved yet", "Yours", "Theirs, saved meanwhile", ">\none\nmine &amp; mine\nTHEIR WORDS\nthree\n</textarea>",
		`value="my summary"`, "What you had typed, untouched", ">\none\nmine &amp; mine\nthree\n</textarea>")
	b.save("Home", url.Values{"base": {field(t, html, "base")}, "token": {field(t, html, "token")}, "type": {field(t, html, "type")},
		"content": {"one\nboth\nthree\n"}})
	if got := b.text("Home"); got != "one\nboth\nthree\n" {
		t.Errorf("settled as %q", got)
	}
}

func TestATextOntoADeletionAsks(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", "one\n")
	form := b.open("Home")
	b.ask("DELETE", "/raw/Home", "", "If-Match", "*")
	r := b.post("/edit/Home", with(form, "content", "one and more\n"))
	html := bodyOf(t, r)
	if r.StatusCode != 409 {
		t.Fatalf("%d", r.StatusCode)
	}
	wantText(t, html, "Nothing is saved yet", ">\none and more\n</textarea>", "Create “Home”")
}

func TestWhateverFailsTheTextComesBack(t *testing.T) {
	b := newBox(t)
	form := with(b.open("Home"), "content", "my <precious> text", "comment", "why")
	b.store.Fail(wiki.ErrReadOnly)
	r := b.post("/edit/Home", form)
	html := bodyOf(t, r)
	if r.StatusCode != 507 {
		t.Errorf("%d", r.StatusCode)
	}
	wantText(t, html, ">\nmy &lt;precious&gt; text</textarea>", `value="why"`, "takes no more writes", `role="status"`)
	b.store.Fail(nil)
	b.save("Home", with(form, "token", field(t, html, "token")))
}

func TestPreviewSavesNothing(t *testing.T) {
	b := newBox(t)
	r := b.post("/edit/Home", with(b.open("Home"), "content", "# Big\n\n[[Home]]", "do", "preview"))
	html := bodyOf(t, r)
	if r.StatusCode != 200 || b.store.Latest() != 0 {
		t.Fatalf("%d", r.StatusCode)
	}
	wantText(t, html, ">Big</h1>", "not saved yet", "># Big\n\n[[Home]]</textarea>"[1:])
}

func TestBadFormsAreRefused(t *testing.T) {
	b := newBox(t)
	post := func(status int, body string, kind string) {
		t.Helper()
		b.refused(status, "POST", "/edit/Home", body, "Content-Type", kind)
	}
	const form = "application/x-www-form-urlencoded"
	post(415, `{"content":"x"}`, "application/json")
	post(415, "--x\r\n\r\n--x--", "multipart/form-data; boundary=x")
	post(415, "content=x", "")
	post(400, "content=%zz", form)
	post(400, "content=x&base=junk", form)
	post(400, "content=x&base="+strings.Repeat(strings.Repeat("0", 64)+",", 300), form)
	before := b.store.Latest()
	for body, status := range map[string]int{
		"content=%ff&token=t": 400, "content=x&type=image/png": 400, "content=x&comment=" + strings.Repeat("c", 600): 413,
		"content=" + strings.Repeat("x", wiki.MaxText+1): 413,
	} {
		if r := b.ask("POST", "/edit/Home", body, "Content-Type", form); r.StatusCode != status {
			t.Errorf("%.30q: %d", body, r.StatusCode)
		}
	}
	if b.store.Latest() != before {
		t.Error("something was stored")
	}
}

func TestAConflictIsSettledInOneForm(t *testing.T) {
	b := newBox(t)
	base := b.apart("Soup", "# Soup\n\nTwo onions, chopped.\n\nBoil.\n")
	b.apart("Soup", "# Soup\n\nThree onions, chopped.\n\nBoil.\n", base)
	b.apart("Soup", "# Soup\n\nTwo carrots, chopped.\n\nBoil.\n", base)
	wantText(t, b.get("/wiki/Soup", 200), "Two versions of this page were written apart", "Version A", "Version B", "Three onions, chopped.", "Two carrots, chopped.")
	html := b.get("/edit/Soup", 200)
	wantText(t, html, "Place 1 of 1", "<mark>", "The result")
	b.save("Soup", url.Values{"base": {field(t, html, "base")}, "token": {"t"}, "type": {wiki.Markdown}, "content": {"settled\n"}})
	if r := b.ask("GET", "/raw/Soup", ""); r.Header.Get("Wiki-State") != "text" || bodyOf(t, r) != "settled\n" {
		t.Errorf("settled into %s", r.Header.Get("Wiki-State"))
	}
	if list := b.changes("/history/Soup"); len(list[0].Parents) != 2 || len(list) != 4 {
		t.Errorf("history %+v", list)
	}
}

func TestAMergeNobodySavedIsSaidSo(t *testing.T) {
	b := newBox(t)
	base := b.apart("Bread", "flour\n\nwater\n\nsalt\n")
	b.apart("Bread", "FLOUR\n\nwater\n\nsalt\n", base)
	b.apart("Bread", "flour\n\nwater\n\nSALT\n", base)
	wantText(t, b.get("/wiki/Bread", 200), "this is their merge, which nobody has saved yet", "FLOUR", "SALT")
	r := b.save("Bread", with(b.open("Bread"), "content", "FLOUR\n\nwater\n\nSALT\n"))
	html := b.get(r.Header.Get("Location"), 200)
	if strings.Contains(html, "nobody has saved") {
		t.Error("saved, and yet called unsaved")
	}
}

func TestDeletionAgainstAnEditShowsBoth(t *testing.T) {
	b := newBox(t)
	base := b.apart("Home", "one\n")
	b.apart("Home", "one and more\n", base)
	b.add(wiki.Header{Page: "Home", Kind: wiki.Delete, Parents: []wiki.ID{base}}, wiki.Body{})
	wantText(t, b.get("/wiki/Home", 200), "one and more", "The page was deleted.")
	html := b.get("/edit/Home", 200)
	wantText(t, html, ">\none and more\n</textarea>", "settles it in favour of the text")
	ask := b.get("/delete/Home", 200)
	if r := b.post("/delete/Home", url.Values{"base": {field(t, ask, "base")}, "token": {"t"}}); r.StatusCode != 303 {
		t.Errorf("deleting it all: %d", r.StatusCode)
	}
	b.get("/wiki/Home", 404)
}

func TestDeleteAndRestore(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", "one")
	ask := b.get("/delete/Home", 200)
	r := b.post("/delete/Home", url.Values{"base": {field(t, ask, "base")}, "token": {field(t, ask, "token")}, "comment": {"tidy"}})
	gone := b.get(r.Header.Get("Location"), 404)
	wantText(t, gone, "This page was deleted.", "tidy", "Restore the page as it was", "Saved on")
	revision := b.changes("/history/Home")[1].Revision
	r = b.post("/restore/Home", url.Values{"base": {field(t, gone, "base")}, "token": {field(t, gone, "token")}, "revision": {revision}})
	if r.StatusCode != 303 || b.text("Home") != "one" {
		t.Errorf("restored: %d %q", r.StatusCode, b.text("Home"))
	}
	b.refused(404, "GET", "/delete/Nothing", "")
}

func TestDeletingWhatWasChangedMeanwhileAsksAgain(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", "one")
	ask := b.get("/delete/Home", 200)
	b.put("/raw/Home", "two", "If-Match", "*")
	r := b.post("/delete/Home", url.Values{"base": {field(t, ask, "base")}, "token": {field(t, ask, "token")}})
	if html := bodyOf(t, r); r.StatusCode != 409 || b.text("Home") != "two" {
		t.Errorf("%d %s", r.StatusCode, html)
	}
}

func TestAnyVersionCanBeRestored(t *testing.T) {
	b := newBox(t)
	b.put("/files/a.png", "picture", "Content-Type", "image/png")
	b.put("/files/a.png", "other", "Content-Type", "image/png", "If-Match", "*")
	first := b.changes("/history/a.png")[1].Revision
	html := b.get("/history/a.png", 200)
	r := b.post("/restore/a.png", url.Values{"base": {field(t, html, "base")}, "token": {field(t, html, "token")}, "revision": {first}})
	if got := bodyOf(t, b.ask("GET", "/files/a.png", "")); r.StatusCode != 303 || got != "picture" {
		t.Errorf("restored: %d %q", r.StatusCode, got)
	}
	const form = "application/x-www-form-urlencoded"
	b.refused(400, "POST", "/restore/a.png", "revision=junk", "Content-Type", form)
	b.refused(404, "POST", "/restore/a.png", "revision="+strings.Repeat("0", 64), "Content-Type", form)
	b.refused(412, "POST", "/restore/a.png", "revision="+first+"&base="+first, "Content-Type", form)
	b.ask("DELETE", "/raw/a.png", "", "If-Match", "*")
	b.refused(409, "POST", "/restore/a.png", "revision="+b.changes("/history/a.png")[0].Revision, "Content-Type", form)
}

func TestAFormWithoutItsTextEmptiesNothing(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", "hello")
	form := b.open("Home")
	form.Del("content")
	if r := b.post("/edit/Home", form); r.StatusCode != 400 || b.text("Home") != "hello" {
		t.Errorf("answered %d, and the page says %q", r.StatusCode, b.text("Home"))
	}
}
