package web_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/merge"
	"github.com/argss/argss/wiki/page"
	"github.com/argss/argss/wiki/web"
	"github.com/argss/argss/wiki/wikitest"
)

// peers stands for the other boxes: they copy at once, or are gone.
type peers struct {
	store wiki.Store
	names []string
}

func (p *peers) Publish(ctx context.Context, r ...wiki.Revision) (wiki.Acknowledgement, error) {
	_, err := p.store.Add(ctx, r...)
	return wiki.Acknowledgement{Copies: p.names, Alone: len(p.names) < 2}, err
}
func (p *peers) CatchUp(context.Context) error { return nil }
func (p *peers) Copies(wiki.ID) []string       { return p.names }
func (p *peers) FetchBlob(context.Context, wiki.Hash) ([]byte, error) {
	return nil, wiki.ErrNotFound
}

// shelf holds pieces of files until a test takes it away.
type shelf struct{ wiki.Blobs }

// box is one box's wiki, asked over HTTP without a network. Time and
// randomness are the same in every run, so pages are byte for byte the same.
type box struct {
	testing.TB
	site  *web.Site
	store *wikitest.Memory
	pages *page.Pages
	peers *peers
	blobs *shelf
	frame web.Frame
	clock time.Time
}

func newBox(t testing.TB, options ...func(*web.Config)) *box {
	store := wikitest.NewMemory("here")
	b := &box{
		TB: t, store: store, blobs: &shelf{wikitest.NewBlobs()},
		peers: &peers{store, []string{"wichita-1", "tulsa"}},
		clock: time.Date(2026, 1, 5, 14, 0, 0, 0, time.UTC),
		frame: web.Frame{WikiName: "Prairie", BoxName: "wichita-1", Boxes: []web.Box{
			{Name: "wichita-1", City: "Wichita", Alive: true, State: "here"},
			{Name: "tulsa", City: "Tulsa", Alive: true},
			{Name: "wichita-2", City: "Wichita"},
		}},
	}
	now := func() time.Time { b.clock = b.clock.Add(time.Minute); return b.clock }
	random := rand.NewChaCha8([32]byte{1})
	b.pages = page.New(page.Config{
		Store: store, Blobs: b.blobs, Merger: merge.Merger{}, Publisher: b.peers, Now: now, Random: random,
	})
	c := web.Config{
		Pages: b.pages, Frame: func(*http.Request) web.Frame { return b.frame }, Author: web.HeaderAuthor,
		Random: random, Log: slog.New(slog.DiscardHandler),
	}
	for _, change := range options {
		change(&c)
	}
	b.site = web.New(c)
	return b
}

// ask sends a request; headers are pairs of name and value.
func (b *box) ask(method, target, body string, headers ...string) *http.Response {
	b.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return b.send(r)
}

func (b *box) send(r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	b.site.ServeHTTP(w, r)
	return w.Result()
}

// get asks as a browser does and wants a status.
func (b *box) get(target string, status int) string {
	b.Helper()
	r := b.ask("GET", target, "", "Accept", "text/html")
	text := bodyOf(b.TB, r)
	if r.StatusCode != status {
		b.Fatalf("GET %s: %d, want %d\n%s", target, r.StatusCode, status, text)
	}
	return text
}

// post sends a form as a browser does.
func (b *box) post(target string, form url.Values, headers ...string) *http.Response {
	b.Helper()
	headers = append([]string{"Accept", "text/html", "Content-Type", "application/x-www-form-urlencoded"}, headers...)
	return b.ask("POST", target, form.Encode(), headers...)
}

// put saves a text as a program does and wants it saved.
func (b *box) put(target, text string, headers ...string) web.Receipt {
	b.Helper()
	r := b.ask("PUT", target, text, headers...)
	if r.StatusCode != 200 && r.StatusCode != 201 {
		b.Fatalf("PUT %s: %d %s", target, r.StatusCode, bodyOf(b.TB, r))
	}
	var receipt web.Receipt
	decode(b.TB, r, &receipt)
	return receipt
}

// set saves over whatever is there, if anything is.
func (b *box) set(target, text string, headers ...string) web.Receipt {
	b.Helper()
	if tag := b.ask("HEAD", target, "").Header.Get("ETag"); tag != "" {
		headers = append(headers, "If-Match", tag)
	}
	return b.put(target, text, headers...)
}

// apart adds a revision as another box made it, on parents of its choice.
func (b *box) apart(name, text string, parents ...wiki.ID) wiki.ID {
	b.Helper()
	return b.add(wiki.Header{Page: name, Kind: wiki.Edit, Parents: parents, Author: "elsewhere"},
		wiki.Body{Type: wiki.Markdown, Content: text})
}

func (b *box) add(h wiki.Header, body wiki.Body) wiki.ID {
	b.Helper()
	h.Time = b.clock.Add(time.Hour).UnixMilli()
	r, err := wiki.New(h, body, wiki.HashOf([]byte(body.Content+body.Target)))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := b.store.Add(b.Context(), r); err != nil {
		b.Fatal(err)
	}
	return r.ID
}

// refused wants a request to change nothing and to be answered with one
// sentence, and returns the word.
func (b *box) refused(status int, method, target, body string, headers ...string) string {
	b.Helper()
	before := b.store.Latest()
	r := b.ask(method, target, body, headers...)
	var answer struct{ Error, Reason string }
	text := bodyOf(b.TB, r)
	if r.StatusCode != status {
		b.Fatalf("%s %s: %d, want %d\n%s", method, target, r.StatusCode, status, text)
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil || answer.Error == "" {
		b.Errorf("%s %s answered %q, want an error as JSON", method, target, text)
	}
	if !regexp.MustCompile(`^[\p{Lu}“].*\.$`).MatchString(answer.Reason) {
		b.Errorf("%s %s: the reason %q is not a sentence", method, target, answer.Reason)
	}
	if b.store.Latest() != before {
		b.Errorf("%s %s was refused and yet stored something", method, target)
	}
	return answer.Error
}

// changes reads a page's history as a program does.
func (b *box) changes(target string) (list []web.Change) {
	b.Helper()
	r := b.ask("GET", target, "", "Accept", "application/json")
	if r.StatusCode != 200 {
		b.Fatalf("GET %s: %d %s", target, r.StatusCode, bodyOf(b.TB, r))
	}
	decode(b.TB, r, &list)
	return list
}

// erase erases a revision as a keeper does.
func (b *box) erase(name, revision string) {
	b.Helper()
	id, err := wiki.ParseHash(revision)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := b.store.Add(b.Context(), wikitest.NewGenerator(1).Erasure(name, id)); err != nil {
		b.Fatal(err)
	}
}

func bodyOf(t testing.TB, r *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func decode(t testing.TB, r *http.Response, into any) {
	t.Helper()
	text := bodyOf(t, r)
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("answered %q: %v", text, err)
	}
}

// field returns the value of a form's hidden field.
func field(t testing.TB, html, name string) string {
	t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(html)
	if m == nil {
		t.Fatalf("no field %q in\n%s", name, html)
	}
	return m[1]
}

func wantText(t *testing.T, html string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(html, p) {
			t.Errorf("does not contain %q:\n%s", p, html)
		}
	}
}

func TestEveryAnswerIsSealed(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", "hello")
	for _, target := range []string{"/wiki/Home", "/raw/Home", "/edit/Home", "/recent", "/nothing", "/wiki/"} {
		h := b.ask("GET", target, "").Header
		csp := h.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", target, csp)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s may be sniffed", target)
		}
	}
}

func TestPagesHoldNoInlineScriptOrStyle(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", "# Hi\n\n<script>alert(1)</script> <b onclick=x>b</b>\n\n| a |\n|:-:|\n| b |\n")
	inline := regexp.MustCompile(`(?i)<script(?: defer src="[^"]*")?>[^<]|<style|<[^>]*\s(?:on\w+|style)\s*=`)
	for _, target := range []string{"/wiki/Home", "/edit/Home", "/history/Home", "/diff/Home", "/recent", "/pages", "/delete/Home"} {
		if found := inline.FindString(b.get(target, 200)); found != "" {
			t.Errorf("%s holds %q", target, found)
		}
	}
}

func TestUnknownMethodsAreToldWhichThereAre(t *testing.T) {
	b := newBox(t)
	for target, allow := range map[string]string{
		"/raw/Home":     "GET, HEAD, PUT, DELETE",
		"/wiki/Home":    "GET, HEAD",
		"/edit/Home":    "GET, HEAD, POST",
		"/restore/Home": "POST",
		"/recent":       "GET, HEAD",
	} {
		r := b.ask("PATCH", target, "")
		if r.StatusCode != 405 || r.Header.Get("Allow") != allow {
			t.Errorf("%s: %d, Allow %q", target, r.StatusCode, r.Header.Get("Allow"))
		}
		b.refused(405, "BREW", target, "")
	}
}

func TestUnknownAddressesAreNotFound(t *testing.T) {
	b := newBox(t)
	for _, target := range []string{"/nothing", "/nothing/Home", "/recent/x", "/favicon.ico/x", "/static/x.css", "/static/%2e%2e/go.mod"} {
		b.refused(404, "GET", target, "")
		wantText(t, b.get(target, 404), "<h1>Not here</h1>")
	}
}

func TestAnotherSiteCannotSave(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", "hello")
	form := url.Values{"content": {"spam"}}
	for _, headers := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"},
	} {
		if r := b.post("/edit/Spam", form, headers...); r.StatusCode != 403 {
			t.Errorf("%v: %d", headers, r.StatusCode)
		}
	}
	if r := b.post("/edit/Spam", form, "Sec-Fetch-Site", "same-origin"); r.StatusCode != 303 {
		t.Errorf("from the wiki itself: %d", r.StatusCode)
	}
}

func TestStartLeadsHome(t *testing.T) {
	r := newBox(t).ask("GET", "/", "")
	if r.StatusCode != 302 || r.Header.Get("Location") != "/wiki/Home" {
		t.Errorf("%d to %q", r.StatusCode, r.Header.Get("Location"))
	}
}

func TestTheReadersThemeIsDrawnByTheServer(t *testing.T) {
	b := newBox(t)
	for cookie, want := range map[string]bool{"dark": true, "light": true, `"><script>`: false} {
		r := httptest.NewRequest("GET", "/recent", nil)
		r.Header.Set("Cookie", "theme="+cookie)
		if got := strings.Contains(bodyOf(t, b.send(r)), "data-theme="); got != want {
			t.Errorf("theme %q: drawn is %v", cookie, got)
		}
	}
}

func TestSameBytesAreNotSentTwice(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", "hello")
	first := b.ask("GET", "/wiki/Home", "", "Accept", "text/html")
	again := b.ask("GET", "/wiki/Home", "", "If-None-Match", first.Header.Get("ETag"))
	if again.StatusCode != 304 || bodyOf(t, again) != "" {
		t.Errorf("again: %d", again.StatusCode)
	}
	b.peers.names = []string{"wichita-1"}
	if r := b.ask("GET", "/wiki/Home", "", "If-None-Match", first.Header.Get("ETag")); r.StatusCode != 200 {
		t.Errorf("a page whose chips changed: %d", r.StatusCode)
	}
}

func TestTheFrameIsDrawnAroundEveryPage(t *testing.T) {
	b := newBox(t)
	b.frame.Banner = web.Banner{Sentence: "One box is silent.", Severity: web.Limp, Link: web.Link{Text: "Why?", Address: "/status"}}
	b.frame.Ledger = []string{"3 unplugs so far", "no save lost"}
	b.frame.Links = []web.Link{{Text: "Status", Address: "/status"}}
	for _, target := range []string{"/recent", "/pages", "/wiki/Home", "/nothing"} {
		html := bodyOf(t, b.ask("GET", target, "", "Accept", "text/html"))
		wantText(t, html, `<p class="banner limp" role="status">One box is silent.`, `<a href="/status">Why?</a>`,
			"3 unplugs so far · no save lost", "Answered by wichita-1", "<title>", " – Prairie</title>", "does not answer")
	}
}

func TestReadersAcceptingGzipGetIt(t *testing.T) {
	b := newBox(t)
	b.put("/raw/Home", strings.Repeat("many words\n\n", 500))
	for header, want := range map[string]string{"gzip, br": "gzip", "br": "", "gzip;q=0": ""} {
		r := b.ask("GET", "/wiki/Home", "", "Accept", "text/html", "Accept-Encoding", header)
		if got := r.Header.Get("Content-Encoding"); got != want || !slices.Contains(r.Header.Values("Vary"), "Accept, Accept-Encoding, Cookie") {
			t.Errorf("accepting %q: sent as %q", header, got)
		}
	}
}
