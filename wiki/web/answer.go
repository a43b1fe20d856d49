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
	"maps"
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
	write(w, r, status, append(data, '\n'))
}

// Show answers with a component inside the wiki's frame, and with the headers
// that keep a page safe. The appliance draws its own pages with it.
func (s *Site) Show(w http.ResponseWriter, r *http.Request, status int, title string, body templ.Component) {
	maps.Copy(w.Header(), sealed)
	s.show(w, r, status, s.sheet(r, "", "", title), body)
}

func (s *Site) show(w http.ResponseWriter, r *http.Request, status int, sheet Sheet, body templ.Component) {
	page, err := drawn(r.Context(), sheet, body)
	if err != nil {
		s.notDrawn(w, r, err)
		return
	}
	h := w.Header()
	h["Content-Type"] = htmlType
	if status == http.StatusOK && unchanged(w, r, weakTag(page)) {
		return
	}
	if len(page) > 1400 && acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		page = zipped(page)
	}
	write(w, r, status, page)
}

var htmlType = []string{"text/html; charset=utf-8"}

// drawn renders a component inside the frame.
func drawn(ctx context.Context, sheet Sheet, body templ.Component) ([]byte, error) {
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	err := Layout(sheet).Render(templ.WithChildren(ctx, body), buffer)
	return bytes.Clone(buffer.Bytes()), err
}

func (s *Site) notDrawn(w http.ResponseWriter, r *http.Request, err error) {
	s.Log.Error("page not drawn", "path", r.URL.EscapedPath(), "error", err)
	http.Error(w, "This page could not be drawn; the box's log says why.", http.StatusInternalServerError)
}

// weakTag is a validator over all bytes of a page, the frame included.
func weakTag(page []byte) string {
	sum := sha256.Sum256(page)
	return `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// unchanged sets the validator, and answers 304 to who has those bytes.
func unchanged(w http.ResponseWriter, r *http.Request, tag string) bool {
	w.Header()["Etag"] = []string{tag}
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

// write sends a whole body.
func write(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
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
