package couch_test

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
)

func TestWelcomeNamesTheBox(t *testing.T) {
	w := newBox(couch.Limits{}).ask("GET", "/db/", "")
	if got := decode[struct{ Couchdb, UUID string }](t, w); got.Couchdb != "Welcome" || got.UUID != "box-uuid" {
		t.Errorf("welcome: %s", w.Body)
	}
}

func TestInfoCountsDocuments(t *testing.T) {
	b, _ := filled(t)
	for _, path := range []string{"/db/public/", "/db/public"} {
		got := decode[struct {
			Name  string `json:"db_name"`
			Count int    `json:"doc_count"`
			Seq   string `json:"update_seq"`
		}](t, b.ask("GET", path, ""))
		if got.Name != "public" || got.Count != 5 || got.Seq != couch.LatestMark(b.store).String() {
			t.Errorf("%s: %+v", path, got)
		}
	}
}

func TestHeldMeansEveryFirstGeneration(t *testing.T) {
	b, all := filled(t)
	held, absent := wiki.DocID(all[0].ID), wiki.DocID(wiki.HashOf(nil))
	w := b.ask("POST", "/db/public/_revs_diff",
		`{"`+held+`":["1-x","2-y","`+wiki.Rev(all[0].ID)+`"],"`+absent+`":["1-z"],"note":["1-a"]}`)
	want := `{"note":{"missing":["1-a"]},"` + held + `":{"missing":["2-y"]},"` + absent + `":{"missing":["1-z"]}}` + "\n"
	type lacks map[string]struct{ Missing []string }
	w2 := httptest.NewRecorder()
	w2.Body.WriteString(want)
	if diff := cmp.Diff(decode[lacks](t, w2), decode[lacks](t, w)); diff != "" {
		t.Error(diff)
	}
}

func TestDocumentIsServedAsAsked(t *testing.T) {
	b, all := filled(t)
	r := all[0]
	digits := r.ID.String()[:32]
	plain := wire(r)
	history := plain[:len(plain)-1] + `,"_revisions":{"start":1,"ids":["` + digits + `"]}}`
	q := url.QueryEscape
	for _, c := range []struct{ query, want string }{
		{"", plain},
		{"?rev=1-" + digits + "&revs=true&latest=true", history},
		{"?rev=1-another", plain},
		{"?open_revs=all&revs=true", `[{"ok":` + history + `}]`},
		{"?open_revs=" + q(`["1-a","1-b","2-c"]`), `[{"ok":` + plain + `},{"missing":"2-c"}]`},
	} {
		w := b.ask("GET", "/db/public/"+url.PathEscape(wiki.DocID(r.ID))+c.query, "")
		if got := strings.TrimSpace(w.Body.String()); w.Code != 200 || got != c.want {
			t.Errorf("%s: answered %d %s", c.query, w.Code, got)
		}
	}
	for _, path := range []string{wiki.DocID(r.ID) + "?rev=2-a", wiki.DocID(wiki.HashOf(nil)), "nonsense"} {
		if w := b.ask("GET", "/db/public/"+path, ""); w.Code != 404 {
			t.Errorf("%s: answered %d", path, w.Code)
		}
	}
	if w := b.ask("GET", "/db/public/"+wiki.DocID(wiki.HashOf(nil))+"?open_revs="+q(`["1-a"]`), ""); strings.TrimSpace(w.Body.String()) != `[{"missing":"1-a"}]` {
		t.Errorf("unknown document's open revs: %s", w.Body)
	}
}

func TestOpenRevsComeInPartsToCouchDB(t *testing.T) {
	b, all := filled(t)
	w := b.ask("GET", "/db/public/"+wiki.DocID(all[0].ID)+`?open_revs=["1-a","2-b"]`, "", "Accept: multipart/mixed")
	_, params, err := mime.ParseMediaType(w.Header().Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for m := multipart.NewReader(w.Body, params["boundary"]); ; {
		p, err := m.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, p.Header.Get("Content-Type")+" "+string(data))
	}
	want := []string{"application/json " + wire(all[0]), `application/json; error="true" {"missing":"2-b"}`}
	if diff := cmp.Diff(want, parts); diff != "" {
		t.Error(diff)
	}
}

func TestListingIsInOrderOfID(t *testing.T) {
	b, all := filled(t)
	ids := wiki.SortIDs(idsOf(all))
	list := func(query, body string) (got []string) {
		method := "GET"
		if body != "" {
			method = "POST"
		}
		answer := decode[struct {
			Total int `json:"total_rows"`
			Rows  []struct {
				ID, Key, Error string
				Value          struct{ Rev string }
			}
		}](t, b.ask(method, "/db/public/_all_docs?"+query, body))
		if answer.Total != 5 {
			t.Errorf("total_rows is %d", answer.Total)
		}
		for _, r := range answer.Rows {
			got = append(got, r.ID+r.Error)
		}
		return got
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = wiki.DocID(id)
	}
	key := func(i int) string { return url.QueryEscape(`"` + names[i] + `"`) }
	for _, c := range []struct {
		query, body string
		want        []string
	}{
		{"", "", names},
		{"limit=2", "", names[:2]},
		{"limit=0", "", nil},
		{"startkey=" + key(2), "", names[2:]},
		{"endkey=" + key(2), "", names[:3]},
		{"startkey=" + key(1) + "&endkey=" + key(1), "", names[1:2]},
		{"", `{"keys":["` + names[4] + `","x","` + names[0] + `"]}`, []string{names[4], "not_found", names[0]}},
	} {
		if got := list(c.query, c.body); !slices.Equal(got, c.want) {
			t.Errorf("%s %s: listed %v, want %v", c.query, c.body, got, c.want)
		}
	}
}

func TestLocalDocumentsAreKept(t *testing.T) {
	b := newBox(couch.Limits{})
	for _, c := range []struct {
		method, body string
		status       int
		contains     string
	}{
		{"GET", "", 404, "missing"},
		{"DELETE", "", 404, "missing"},
		{"PUT", `{"last_seq":"5-x"}`, 201, `"rev":"0-1"`},
		{"GET", "", 200, `"last_seq":"5-x"`},
		{"PUT", `{"last_seq":"6-x"}`, 409, "conflict"},
		{"PUT", `{"last_seq":"6-x","_rev":"0-2"}`, 409, "conflict"},
		{"PUT", `{"last_seq":"6-x","_rev":"1-a"}`, 409, "conflict"},
		{"PUT", `{"last_seq":"6-x","_rev":"0-1"}`, 201, `"rev":"0-2"`},
		{"GET", "", 200, `"_rev":"0-2"`},
		{"DELETE", "", 200, "ok"},
		{"GET", "", 404, "missing"},
	} {
		w := b.ask(c.method, "/db/public/_local/my%2Fcheckpoint", c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.contains) {
			t.Errorf("%s %s: answered %d %s", c.method, c.body, w.Code, w.Body)
		}
	}
	if b.store.Latest() != 0 {
		t.Error("a checkpoint became a revision")
	}
}

func TestOldestCheckpointMakesRoom(t *testing.T) {
	b := newBox(couch.Limits{Locals: 2})
	put := func(name, rev string) {
		if w := b.ask("PUT", "/db/public/_local/"+name, `{"_rev":`+rev+`}`); w.Code != 201 {
			t.Fatalf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	put("a", "null")
	put("b", "null")
	put("a", `"0-1"`)
	put("c", "null")
	for name, want := range map[string]int{"a": 200, "b": 404, "c": 200} {
		if w := b.ask("GET", "/db/public/_local/"+name, ""); w.Code != want {
			t.Errorf("%s: answered %d", name, w.Code)
		}
	}
}

func TestHeartbeatIsExchanged(t *testing.T) {
	b := newBox(couch.Limits{})
	c := b.client(t, "public")
	got, err := c.Heartbeat(t.Context(), couch.Heartbeat{Box: "tulsa", Store: "s", Seq: "0-s"})
	if err != nil || got.Box != "wichita-1" || got.Held != "0-s" {
		t.Errorf("%+v, %v", got, err)
	}
	if w := b.ask("POST", "/db/public/_heartbeat", `{"box":"x","store":"y"}`); w.Code != 403 {
		t.Errorf("an outsider is answered %d", w.Code)
	}
	if w := b.ask("POST", "/db/public/_heartbeat", `{"box":7}`, paired); w.Code != 400 {
		t.Errorf("nonsense is answered %d", w.Code)
	}
}

func TestTreeLeadsToEveryID(t *testing.T) {
	b, all := filled(t)
	c := b.client(t, "public")
	top, err := c.Tree(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		id := r.ID
		below, err := c.Tree(t.Context(), id[0])
		if err != nil || top.Nodes[id[0]].IsZero() || below.Nodes[id[1]].IsZero() {
			t.Fatalf("nothing below %x: %v", id[:2], err)
		}
		leaf, err := c.Tree(t.Context(), id[0], id[1])
		if err != nil || !slices.Contains(leaf.IDs, id) || wiki.DigestLeaf(leaf.IDs) != below.Nodes[id[1]] {
			t.Errorf("leaf %x: %v, %v", id[:2], leaf.IDs, err)
		}
	}
}

func TestPiecesAreVerifiedOnBothEnds(t *testing.T) {
	b := newBox(couch.Limits{})
	c := b.client(t, "public")
	data := []byte(strings.Repeat("piece ", 1000))
	hash := wiki.HashOf(data)
	if has, err := c.HasBlob(t.Context(), hash); has || err != nil {
		t.Fatalf("held before it came: %v, %v", has, err)
	}
	if err := c.PutBlob(t.Context(), data); err != nil {
		t.Fatal(err)
	}
	if has, err := c.HasBlob(t.Context(), hash); !has || err != nil {
		t.Errorf("not held after it came: %v, %v", has, err)
	}
	if got, err := c.GetBlob(t.Context(), hash); err != nil || string(got) != string(data) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if _, err := c.GetBlob(t.Context(), wiki.HashOf(nil)); err == nil {
		t.Error("got a piece nobody put")
	}
	h := couch.BlobHandler{Blobs: b.blobs, Secret: secret}
	closed := couch.BlobHandler{Blobs: b.blobs, Secret: secret, Closed: true}
	address := couch.BlobPrefix + hash.String()
	for _, q := range []struct {
		handler                    couch.BlobHandler
		method, path, body, header string
		status                     int
	}{
		{h, "GET", address, "", "Range: bytes=0-4", 206},
		{h, "GET", address, "", "If-None-Match: \"" + hash.String() + "\"", 304},
		{h, "GET", couch.BlobPrefix + "x", "", paired, 404},
		{h, "PUT", address, string(data), "X: none", 403},
		{h, "PUT", address, "other", paired, 400},
		{h, "PUT", couch.BlobPrefix + wiki.HashOf(nil).String(), "", paired, 400},
		{h, "PUT", address, strings.Repeat("x", wiki.MaxBlob+1), paired, 413},
		{h, "DELETE", address, "", paired, 405},
		{closed, "GET", address, "", "X: none", 404},
		{closed, "GET", address, "", paired, 200},
	} {
		r := httptest.NewRequest(q.method, q.path, strings.NewReader(q.body))
		name, value, _ := strings.Cut(q.header, ": ")
		r.Header.Set(name, value)
		w := httptest.NewRecorder()
		q.handler.ServeHTTP(w, r)
		if w.Code != q.status {
			t.Errorf("%s %s %.20s with %s: answered %d %s", q.method, q.path, q.body, q.header, w.Code, w.Body)
		}
	}
}

func TestClientNoticesAForgedPiece(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("forged"))
	}))
	defer server.Close()
	c := &couch.Client{URL: server.URL, Space: "public"}
	if data, err := c.GetBlob(t.Context(), wiki.HashOf([]byte("true"))); err == nil {
		t.Errorf("took %q", data)
	}
}
