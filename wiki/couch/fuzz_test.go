package couch_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
)

// FuzzRequests sends anything anywhere: no panic, an answer in JSON, and a
// refusal leaves the store as it was.
func FuzzRequests(f *testing.F) {
	held, fresh := edit(f, "Home", "held"), edit(f, "Home", "fresh")
	for _, seed := range [][3]string{
		{"POST", "_bulk_docs", bulk(wire(fresh), wire(held))},
		{"POST", "_bulk_docs", bulk(`{"_id":"x","_deleted":true,"_revisions":{"start":2}}`)},
		{"POST", "_bulk_get?revs=true", `{"docs":[{"id":"` + wiki.DocID(held.ID) + `"},{"id":"x","rev":"2-a"}]}`},
		{"POST", "_revs_diff", `{"` + wiki.DocID(held.ID) + `":["1-a"]}`},
		{"POST", "_changes?filter=_doc_ids", `{"doc_ids":["` + wiki.DocID(held.ID) + `"]}`},
		{"GET", "_changes?since=1-a-0123456789abcdef&limit=2&include_docs=true&descending=true", ""},
		{"GET", "_all_docs?startkey=%22rev:%22&include_docs=true", ""},
		{"GET", wiki.DocID(held.ID) + `?open_revs=["1-a"]`, ""},
		{"PUT", "_local/x", `{"_rev":"0-1"}`},
		{"POST", "_heartbeat", `{"box":"a","store":"b"}`},
		{"GET", "_tree?prefix=ab", ""},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, method, path, body string) {
		r := request(method, path, body)
		if r == nil {
			return
		}
		for _, header := range []string{"", "Bearer " + secret} {
			b := newBox(couch.Limits{Bytes: 1 << 20, Documents: 100})
			b.add(t, held)
			r := request(method, path, body)
			r.Header.Set("Authorization", header)
			w := httptest.NewRecorder()
			b.ServeHTTP(w, r)
			if w.Code >= 500 && !strings.Contains(w.Body.String(), "alone") {
				t.Errorf("answered %d %s", w.Code, w.Body)
			}
			if w.Code >= 400 && (b.store.Latest() != 1 || w.Header().Get("Content-Type") != "application/json") {
				t.Errorf("answered %d %s and holds %d", w.Code, w.Body, b.store.Latest())
			}
		}
	})
}

// request makes a request that cannot wait; nil: no request line can say it.
func request(method, path, body string) *http.Request {
	target, err := url.Parse("http://box/db/public/" + path)
	if err != nil || target.Query().Has("feed") {
		return nil
	}
	r, err := http.NewRequest(method, target.String(), strings.NewReader(body))
	if err != nil {
		return nil
	}
	return r
}
