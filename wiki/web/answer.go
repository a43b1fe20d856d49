package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"
)

// wantsHTML tells a person's browser from a program.
func wantsHTML(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}

// refuse answers with what became of an error: a page for people, JSON for
// programs.
func (s *Site) refuse(w http.ResponseWriter, r *http.Request, name string, err error) {
	p := problemOf(err)
	if p.status >= 500 && !errors.Is(err, context.Canceled) {
		s.Log.Error("request failed", "method", r.Method, "path", r.URL.EscapedPath(), "error", err)
	}
	etag(w.Header(), "")
	if p.view != nil {
		etag(w.Header(), p.view.Tag)
	}
	if wantsHTML(r) {
		s.Show(w, r, p.status, http.StatusText(p.status), problemPage(problemView{Status: p.status, Reason: p.reason, Page: name}))
		return
	}
	answer := struct {
		Error  string `json:"error"`
		Reason string `json:"reason"`
		Tag    string `json:"etag,omitempty"`
	}{p.word, p.reason, w.Header().Get("ETag")}
	s.json(w, r, p.status, answer)
}

// etag sets the view tag in quotes; the view of nothing has none.
func etag(h http.Header, tag string) {
	if tag == "" {
		h.Del("ETag")
		return
	}
	h.Set("ETag", `"`+tag+`"`)
}

func (s *Site) json(w http.ResponseWriter, r *http.Request, status int, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("web: %T cannot be written as JSON: %v", value, err))
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)+1))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(append(data, '\n')) // a client that went away has its reasons
	}
}

// Show answers with a component inside the wiki's frame. The appliance draws
// its own pages with it.
func (s *Site) Show(w http.ResponseWriter, r *http.Request, status int, title string, body templ.Component) {
	s.show(w, r, status, s.sheet(r, "", "", title), body)
}

func (s *Site) show(w http.ResponseWriter, r *http.Request, status int, sheet Sheet, body templ.Component) {
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	ctx := templ.WithChildren(r.Context(), body)
	if err := Layout(sheet).Render(ctx, buffer); err != nil {
		s.Log.Error("page not drawn", "path", r.URL.EscapedPath(), "error", err)
		http.Error(w, "This page could not be drawn; the box's log says why.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if status == http.StatusOK && validated(w, r, buffer.Bytes()) {
		return
	}
	send(w, r, status, buffer.Bytes())
}

// validated gives a page a weak validator over all of its bytes, the frame
// included, and answers 304 to who has them.
func validated(w http.ResponseWriter, r *http.Request, page []byte) bool {
	sum := sha256.Sum256(page)
	tag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	w.Header().Set("ETag", tag)
	if !strings.Contains(r.Header.Get("If-None-Match"), tag) {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

var zippers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level is a constant and valid
	return z
}}

// send writes a whole body, compressed for who accepts that.
func send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	h := w.Header()
	if len(body) > 1400 && acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = zipped(body)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a client that went away has its reasons
	}
}

func zipped(body []byte) []byte {
	var out bytes.Buffer
	out.Grow(len(body) / 2)
	z := zippers.Get().(*gzip.Writer)
	defer zippers.Put(z)
	z.Reset(&out)
	_, _ = z.Write(body) // into memory
	_ = z.Close()
	return out.Bytes()
}

func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, params, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err == nil && coding == "gzip" {
			return params["q"] != "0"
		}
	}
	return false
}

// reprDigest returns the value of Repr-Digest (RFC 9530).
func reprDigest(sum [sha256.Size]byte) string {
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}
