package transfer

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/merge"
)

// fakeWiki answers the documented part of the HTTP interface from memory, one
// line of history per page. It is its own transport, so that tests can run on
// synthetic time and break any request.
type fakeWiki struct {
	mu       sync.Mutex
	pages    map[string][]fakeRevision
	keys     map[string]string // idempotency key → content's digest
	requests []string
	// before may answer a request itself, or fail it with an error; after may
	// lose an answer.
	before func(*http.Request) (*http.Response, error)
	after  func(*http.Request) error
}

type fakeRevision struct {
	Version
	kind    wiki.State
	content string
}

func newFake() *fakeWiki {
	return &fakeWiki{pages: map[string][]fakeRevision{}, keys: map[string]string{}}
}

func (f *fakeWiki) client() *Client { return NewClient("http://wiki.test", f) }

// RoundTrip implements http.RoundTripper.
func (f *fakeWiki) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, r.Method+" "+r.URL.RequestURI())
	if f.before != nil {
		if resp, err := f.before(r); resp != nil || err != nil {
			return resp, err
		}
	}
	rec := httptest.NewRecorder()
	f.serve(rec, r)
	if f.after != nil {
		if err := f.after(r); err != nil {
			return nil, err
		}
	}
	return rec.Result(), nil
}

func (f *fakeWiki) serve(w http.ResponseWriter, r *http.Request) {
	area, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	name, err := wiki.UnescapeName(rest)
	if err != nil {
		deny(w, 400, err.Error())
		return
	}
	switch {
	case r.Method == http.MethodPut:
		f.put(w, r, name, area == "files")
	case area == "history":
		f.history(w, r, name)
	default:
		f.look(w, r, name, area == "files")
	}
}

func deny(w http.ResponseWriter, status int, reason string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": "word", "reason": reason})
}

func tagOf(r fakeRevision) string { return `"tag-` + r.Revision + `"` }

func (f *fakeWiki) look(w http.ResponseWriter, r *http.Request, name string, file bool) {
	revisions := f.pages[name]
	if id := r.URL.Query().Get("revision"); id != "" {
		i := slices.IndexFunc(revisions, func(r fakeRevision) bool { return r.Revision == id })
		revisions = revisions[:i+1]
	}
	if len(revisions) == 0 {
		w.Header().Set("Wiki-State", "absent")
		deny(w, 404, "Nobody has written this page yet.")
		return
	}
	head := revisions[len(revisions)-1]
	h := w.Header()
	h.Set("Wiki-State", string(head.kind))
	h.Set("ETag", tagOf(head))
	h.Set("Wiki-Revision", head.Revision)
	switch {
	case head.kind == wiki.Deleted:
		w.WriteHeader(404)
	case head.kind == wiki.Moved || file != (head.kind == wiki.Media):
		w.WriteHeader(302)
	case head.Digest == "": // a file in several pieces
		_, _ = io.WriteString(w, head.content)
	default:
		sum, _ := hex.DecodeString(head.Digest)
		h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":")
		_, _ = io.WriteString(w, head.content)
	}
}

func (f *fakeWiki) history(w http.ResponseWriter, r *http.Request, name string) {
	list := []Version{}
	for _, rev := range slices.Backward(f.pages[name]) {
		list = append(list, rev.Version)
	}
	if before := r.URL.Query().Get("before"); before != "" {
		i := slices.IndexFunc(list, func(v Version) bool { return v.Revision == before })
		list = list[i+1:]
	}
	_ = json.NewEncoder(w).Encode(list[:min(len(list), HistoryLimit)])
}

func (f *fakeWiki) put(w http.ResponseWriter, r *http.Request, name string, file bool) {
	data, err := io.ReadAll(r.Body)
	if err != nil || int64(len(data)) != r.ContentLength {
		deny(w, 400, "The body ended early.")
		return
	}
	text := string(data)
	if key := r.Header.Get("Idempotency-Key"); f.keys[key] != "" {
		if f.keys[key] != digest(text) {
			deny(w, 422, "This Idempotency-Key was used for a save with other content.")
		}
		return
	}
	revisions := f.pages[name]
	if r.Header.Get("If-None-Match") == "*" {
		if len(revisions) > 0 {
			deny(w, 412, "The page exists.")
			return
		}
		w.WriteHeader(201)
	} else if text, err = f.merged(revisions, r, text); err != nil {
		deny(w, 412, err.Error())
		return
	}
	f.keys[r.Header.Get("Idempotency-Key")] = digest(string(data))
	kind := wiki.Text
	if file {
		kind = wiki.Media
	}
	f.add(name, r.Header.Get("Wiki-Author"), r.Header.Get("Wiki-Comment"), kind, text)
}

// merged returns what to save on top of the page.
func (f *fakeWiki) merged(revisions []fakeRevision, r *http.Request, text string) (string, error) {
	base := slices.IndexFunc(revisions, func(rev fakeRevision) bool { return tagOf(rev) == r.Header.Get("If-Match") })
	if base < 0 {
		return "", errors.New("unknown base")
	}
	head := revisions[len(revisions)-1]
	if base == len(revisions)-1 {
		return text, nil
	}
	if r.Header.Get("Wiki-Merge") != "yes" {
		return "", errors.New("stale base")
	}
	merged, clean := merge.Text(revisions[base].content, text, head.content).Clean()
	if !clean {
		return "", errors.New("the texts do not merge")
	}
	return merged, nil
}

func digest(text string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
}

// add appends a revision to a page as a person or program saved it.
func (f *fakeWiki) add(name, author, comment string, kind wiki.State, text string) {
	r := fakeRevision{Version{Author: author, Comment: comment, Digest: digest(text)}, kind, text}
	if len(text) > wiki.MaxBlob {
		r.Digest = ""
	}
	r.Revision = digest(fmt.Sprint(name, len(f.pages[name]), text))
	f.pages[name] = append(f.pages[name], r)
}

// texts returns what every page says.
func (f *fakeWiki) texts() map[string]string {
	all := map[string]string{}
	for name, revisions := range f.pages {
		head := revisions[len(revisions)-1]
		all[name] = head.content
		if head.kind != wiki.Text && head.kind != wiki.Media {
			all[name] = "(" + string(head.kind) + ")"
		}
	}
	return all
}

func (f *fakeWiki) revisions() int {
	n := 0
	for revisions := range maps.Values(f.pages) {
		n += len(revisions)
	}
	return n
}

var errReset = &url.Error{Op: "Put", URL: "http://wiki.test", Err: errors.New("connection reset by peer")}
