package couch_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
	"github.com/argss/argss/wiki/union/uniontest"
	"github.com/argss/argss/wiki/wikitest"
)

const secret = "correct horse battery staple"

// box is a box with two spaces, as its callers see it.
type box struct {
	*couch.Handler
	store, keeper *wikitest.Memory
	blobs         *uniontest.Blobs
	exchange      *exchange
}

func newBox(limits couch.Limits) *box {
	b := &box{
		store:    wikitest.NewMemory("5f0c8f0e-0000-4000-8000-000000000001"),
		keeper:   wikitest.NewMemory("5f0c8f0e-0000-4000-8000-000000000002"),
		blobs:    new(uniontest.Blobs),
		exchange: &exchange{revisions: map[wiki.ID]wiki.Revision{}, blobs: new(uniontest.Blobs)},
	}
	b.exchange.store = b.store
	b.Handler = couch.New(couch.Config{
		Box: "wichita-1", UUID: "box-uuid", Version: "0.1", Secret: secret, Limits: limits,
		Databases: []couch.Database{
			{Space: wiki.Public, Store: b.store, Blobs: b.blobs, Exchange: b.exchange},
			{Space: wiki.Keeper, Store: b.keeper},
			{Space: wiki.Space{Name: "members", Read: wiki.Members, Write: wiki.Keepers}, Store: b.keeper},
		},
		Person: func(r *http.Request) couch.Person {
			name, rule, _ := r.BasicAuth()
			return couch.Person{Account: name, Rule: wiki.Rule(rule)}
		},
	})
	return b
}

// exchange is a couch.Exchange that remembers what it heard.
type exchange struct {
	mu        sync.Mutex
	store     wiki.Store
	revisions map[wiki.ID]wiki.Revision // what live peers hold
	blobs     wiki.Blobs
	pulled    []wiki.Seq
	pushed    []wiki.ID
	spread    int
}

func (e *exchange) Fetch(_ context.Context, ids []wiki.ID) (found []wiki.Revision) {
	for _, id := range ids {
		if r, ok := e.revisions[id]; ok {
			found = append(found, r)
		}
	}
	return found
}

func (e *exchange) FetchBlob(_ context.Context, hash wiki.Hash) ([]byte, error) {
	return e.blobs.Blob(hash)
}

func (e *exchange) Spread(ctx context.Context, revisions ...wiki.Revision) error {
	e.spread += len(revisions)
	_, err := e.store.Add(ctx, revisions...)
	return err
}

func (e *exchange) Pulled(_ couch.Peer, since wiki.Seq) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pulled = append(e.pulled, since)
}

func (e *exchange) Pushed(_ couch.Peer, ids []wiki.ID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pushed = append(e.pushed, ids...)
}

func (e *exchange) Heartbeat(_ couch.Peer, beat couch.Heartbeat) couch.Heartbeat {
	return couch.Heartbeat{Box: "wichita-1", Store: e.store.Identity(), Held: beat.Seq}
}

// client returns a paired client of the box over real HTTP.
func (b *box) client(t *testing.T, space string) *couch.Client {
	mux := http.NewServeMux()
	mux.Handle(couch.Prefix, b)
	mux.Handle(couch.BlobPrefix, couch.BlobHandler{Blobs: b.blobs, Secret: secret})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return &couch.Client{URL: server.URL, Space: space, Secret: secret, Box: "tulsa",
		Store: func() wiki.Identity { return "tulsa-store" }, HTTP: server.Client()}
}

// ask sends one request as an outsider; headers are "Name: value" lines.
func (b *box) ask(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w
}

const paired = "Authorization: Bearer " + secret

func edit(t testing.TB, page, text string, parents ...wiki.ID) wiki.Revision {
	t.Helper()
	r, err := wiki.New(wiki.Header{Page: page, Parents: parents, Time: 1700000000000, Kind: wiki.Edit},
		wiki.Body{Type: wiki.Markdown, Content: text}, wiki.HashOf([]byte(page+"\x00"+text)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func upload(t testing.TB, page string, pieces ...string) wiki.Revision {
	t.Helper()
	b := wiki.Body{Type: "image/png"}
	for _, p := range pieces {
		b.Blobs = append(b.Blobs, wiki.BlobRef{Hash: wiki.HashOf([]byte(p)), Size: int64(len(p))})
		b.Size += int64(len(p))
	}
	r, err := wiki.New(wiki.Header{Page: page, Kind: wiki.Upload}, b, wiki.HashOf([]byte(page)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (b *box) add(t testing.TB, revisions ...wiki.Revision) {
	t.Helper()
	if _, err := b.store.Add(t.Context(), revisions...); err != nil {
		t.Fatal(err)
	}
}

func bulk(docs ...string) string {
	return `{"new_edits":false,"docs":[` + strings.Join(docs, ",") + `]}`
}

func wire(r wiki.Revision) string { return string(r.AppendWire(nil)) }

func idsOf(revisions []wiki.Revision) (ids []wiki.ID) {
	for _, r := range revisions {
		ids = append(ids, r.ID)
	}
	return ids
}

func decode[T any](t testing.TB, w *httptest.ResponseRecorder) (v T) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%q is not JSON: %v", w.Body, err)
	}
	return v
}

func TestRevisionsTravelBothWays(t *testing.T) {
	b := newBox(couch.Limits{})
	c := b.client(t, "public")
	var all []wiki.Revision
	var parents []wiki.ID
	for i := range 60 {
		r := edit(t, "Home", strings.Repeat("text ", i*20), parents...)
		all, parents = append(all, r), []wiki.ID{r.ID}
	}
	_, missing, err := c.RevsDiff(t.Context(), idsOf(all))
	if err != nil || len(missing) != len(all) {
		t.Fatalf("%d missing, %v", len(missing), err)
	}
	backwards := slices.Clone(all)
	slices.Reverse(backwards)
	peer, refused, err := c.BulkDocs(t.Context(), backwards)
	if err != nil || len(refused) != 0 || peer != (wiki.Receipt{Box: "wichita-1", Store: b.store.Identity(), Seq: b.store.Latest()}) {
		t.Fatalf("push: %v, %v, %v", peer, refused, err)
	}
	page, err := c.Changes(t.Context(), "", 1000, 0)
	if err != nil || !slices.Equal(page.IDs, idsOf(all)) || page.Pending != 0 {
		t.Fatalf("the feed is not parents first: %v, %v", page, err)
	}
	got, err := c.BulkGet(t.Context(), page.IDs, 1<<20)
	if err != nil || !slices.Equal(idsOf(got.Revisions), idsOf(all)) || len(got.Refused)+len(got.Rest) != 0 {
		t.Fatalf("pull: %d of %d, %v", len(got.Revisions), len(all), err)
	}
	next, err := c.Changes(t.Context(), page.Last, 1000, 0)
	if err != nil || len(next.IDs) != 0 || next.Last != page.Last {
		t.Fatalf("after the end: %+v, %v", next, err)
	}
	if !slices.Equal(b.exchange.pulled, []wiki.Seq{0, 60}) || len(b.exchange.pushed) != 60 {
		t.Errorf("heard pulls since %v and %d pushed", b.exchange.pulled, len(b.exchange.pushed))
	}
}

func TestLongAnswerIsReadInParts(t *testing.T) {
	b := newBox(couch.Limits{})
	c := b.client(t, "public")
	var all []wiki.Revision
	for i := range 20 {
		all = append(all, edit(t, "Page", strings.Repeat(string(rune('a'+i)), 10_000)))
	}
	b.add(t, all...)
	var got []wiki.ID
	for rest := idsOf(all); len(rest) > 0; {
		part, err := c.BulkGet(t.Context(), rest, 30_000)
		if err != nil || len(part.Revisions) == 0 || len(part.Revisions) > 5 {
			t.Fatalf("%d at once, %v", len(part.Revisions), err)
		}
		got, rest = append(got, idsOf(part.Revisions)...), part.Rest
	}
	if !slices.Equal(got, idsOf(all)) {
		t.Errorf("%d of %d arrived", len(got), len(all))
	}
}

func TestClientRefusesWhatItDidNotAskFor(t *testing.T) {
	mine, other := edit(t, "Home", "mine"), edit(t, "Home", "other")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte(`{"results":[{"id":"x","docs":[{"ok":` + wire(other) + `}]},{"id":"y","docs":[{"ok":{"a":1}}]}]}`))
	}))
	defer server.Close()
	c := &couch.Client{URL: server.URL, Space: "public"}
	got, err := c.BulkGet(t.Context(), []wiki.ID{mine.ID, other.ID}, 1<<20)
	if err != nil || len(got.Revisions) != 0 || len(got.Refused) != 2 {
		t.Errorf("took %d, refused %v, %v", len(got.Revisions), got.Refused, err)
	}
}

func TestClientGivesUpOnASilentLine(t *testing.T) {
	r := edit(t, "Home", "text")
	quiet := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if strings.HasSuffix(q.URL.Path, "_bulk_get") { // begins well
			w.Write([]byte(`{"results":[{"docs":[`))
			http.NewResponseController(w).Flush()
		}
		select {
		case <-quiet:
		case <-q.Context().Done():
		}
	}))
	defer server.Close()
	defer close(quiet)
	c := &couch.Client{URL: server.URL, Space: "public", Stall: 20 * time.Millisecond}
	for name, call := range map[string]func() error{
		"push": func() error { _, _, err := c.BulkDocs(t.Context(), []wiki.Revision{r}); return err },
		"pull": func() error { _, err := c.BulkGet(t.Context(), []wiki.ID{r.ID}, 1000); return err },
		"feed": func() error { _, err := c.Changes(t.Context(), "", 10, time.Millisecond); return err },
	} {
		if err := call(); err == nil || t.Context().Err() != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestErasedRevisionBringsItsRecord(t *testing.T) {
	gate, record, bare := erased(t)
	b := newBox(couch.Limits{})
	b.Handler = couch.New(couch.Config{Secret: secret, Databases: []couch.Database{
		{Space: wiki.Public, Store: b.store, Gate: gate},
	}})
	if w := b.ask("POST", "/db/public/_bulk_docs", bulk(wire(bare)), paired); w.Body.String() != "[]\n" {
		t.Fatalf("answered %s", w.Body)
	}
	if lacking := b.store.Missing([]wiki.ID{record.ID, bare.ID}); len(lacking) > 0 {
		t.Errorf("%v are missing", lacking)
	}
}
