package web

import (
	"crypto/sha256"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/page"
)

// getRaw answers GET /raw/{Name}: the text, byte for byte.
func (s *Site) getRaw(w http.ResponseWriter, r *http.Request, name string) error {
	view, err := s.viewAsked(r, name)
	if err != nil {
		return err
	}
	s.describe(w.Header(), view)
	if text, ok, err := s.textOf(view); ok || err != nil {
		if err == nil {
			sendText(w, r, view.Tag, text)
		}
		return err
	}
	switch view.State {
	case wiki.Media:
		redirectRaw(w, r, address("files", name, "revision", r.URL.Query().Get("revision")))
		return nil
	case wiki.Moved:
		redirectRaw(w, r, address("raw", view.Heads[0].Body.Target))
		return nil
	}
	return nothing(view)
}

func redirectRaw[A ~string](w http.ResponseWriter, _ *http.Request, to A) {
	w.Header().Set("Location", string(to))
	w.WriteHeader(http.StatusFound)
}

// viewAsked returns the page, or one revision of it where ?revision= asks.
func (s *Site) viewAsked(r *http.Request, name string) (wiki.View, error) {
	text := r.URL.Query().Get("revision")
	if text == "" {
		a, err := s.lookRaw(name)
		return a, err
	}
	id, err := parseRevision(text)
	if err != nil {
		return wiki.View{}, err
	}
	return s.Pages.At(name, id)
}

// lookRaw returns a page as it reads now, from the cache if it is there.
func (s *Site) lookRaw(name string) (wiki.View, error) {
	if kept := s.cache.get(name); kept != nil && stillHead(s.Pages.Store, kept.view) {
		return kept.view, nil
	}
	return s.Pages.View(name)
}

// describe sets the headers that tell of a view.
func (s *Site) describe(h http.Header, v wiki.View) {
	etag(h, v.Tag)
	h.Set("Wiki-State", string(v.State))
	if len(v.Heads) == 0 {
		return
	}
	ids := make([]wiki.ID, len(v.Heads))
	for i, r := range v.Heads {
		ids[i] = r.ID
	}
	h.Set("Wiki-Revision", joinIDs(ids))
	h.Set("Wiki-Copies", strings.Join(s.copies(v), ","))
}

// textOf returns the text of a view, if it is one. That of a conflict has
// every version in it: a program that adds its line and saves it with this
// view's tag follows all of them, and must not take one for the page.
func (s *Site) textOf(v wiki.View) (text string, ok bool, err error) {
	switch v.State {
	case wiki.Text, wiki.Merged:
		return v.Content, true, nil
	case wiki.Conflict:
		if slices.ContainsFunc(v.Heads, textual) {
			text, _, err = s.settled(v)
			return text, err == nil, err
		}
	}
	return "", false, nil
}

// sendText answers a text. It is text/plain whatever type is stored: shown on
// this site's own address, any other type could be made to run.
func sendText(w http.ResponseWriter, r *http.Request, tag, text string) {
	h := w.Header()
	if seen(r, tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	h.Set("Repr-Digest", reprDigest(sha256.Sum256([]byte(text))))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = io.WriteString(w, text) // a client that went away has its reasons
	}
}

// nothing says why a view has no content. The headers that describe the view
// stay, so that a program can save on top of a deletion.
func nothing(v wiki.View) error {
	p := &problem{status: http.StatusNotFound, view: &v}
	switch v.State {
	case wiki.Absent:
		p.word, p.reason = "absent", "Nobody has written this page yet."
	case wiki.Deleted:
		p.word, p.reason = "deleted", "This page was deleted; its history has every version."
	case wiki.Erased:
		p.status, p.word, p.reason = http.StatusGone, "erased", "What stood here was erased by a keeper of this wiki."
	case wiki.Newer:
		p.status, p.word, p.reason = http.StatusNotImplemented, "newer", newerReason
	case wiki.Conflict:
		p.status, p.word, p.reason = http.StatusConflict, "conflict",
			"Versions that are not text stand against each other; get each with ?revision= from /files/."
	default:
		p.word, p.reason = "no-content", "This page holds nothing of that kind."
	}
	return p
}

// putRaw answers PUT /raw/{Name}.
func (s *Site) putRaw(w http.ResponseWriter, r *http.Request, name string) error {
	draft, err := s.draftOf(r, name)
	if err != nil {
		return err
	}
	if draft.Type, err = textType(r.Header.Get("Content-Type")); err != nil {
		return err
	}
	if r.ContentLength > wiki.MaxText {
		return &http.MaxBytesError{Limit: wiki.MaxText}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wiki.MaxText))
	if err != nil {
		return received(err)
	}
	draft.Content = string(body)
	saved, err := s.Pages.Save(r.Context(), draft)
	if err != nil {
		return err
	}
	s.receipt(w, r, saved)
	return nil
}

// received makes a broken request body the sender's problem, unless it was
// only too long.
func received(err error) error {
	if long := new(http.MaxBytesError); errors.As(err, &long) {
		return err
	}
	return refuse(http.StatusBadRequest, "body", "The body ended before all of it had come; nothing was saved.")
}

// textType reads the type of a text that is put. What says nothing about a
// text, and what curl says by itself, is Markdown.
func textType(header string) (string, error) {
	if header == "" {
		return wiki.Markdown, nil
	}
	kind, params, err := mime.ParseMediaType(header)
	if err != nil || wiki.CheckType(kind) != nil {
		return "", refuse(http.StatusUnsupportedMediaType, "type", "The Content-Type “%.80s” cannot be read.", header)
	}
	if set := params["charset"]; set != "" && !strings.EqualFold(set, "utf-8") && !strings.EqualFold(set, "us-ascii") {
		return "", refuse(http.StatusUnsupportedMediaType, "charset", "Texts are UTF-8 here, not %.40q.", set)
	}
	switch {
	case kind == "text/plain", kind == "application/octet-stream", kind == "application/x-www-form-urlencoded":
		return wiki.Markdown, nil
	case strings.HasPrefix(kind, "text/"):
		return kind, nil
	}
	return "", refuse(http.StatusUnsupportedMediaType, "type", "Here are texts; put a file of type %.80s to /files/ instead.", kind)
}

// deleteRaw answers DELETE /raw/{Name}: a revision that says the page is gone.
func (s *Site) deleteRaw(w http.ResponseWriter, r *http.Request, name string) error {
	draft, err := s.draftOf(r, name)
	if err != nil {
		return err
	}
	if r.Header.Get("If-None-Match") != "" {
		return refuse(http.StatusBadRequest, "precondition", "A deletion is based on If-Match.")
	}
	if r.Header.Get("If-Match") == "" {
		return page.ErrBaseNeeded
	}
	draft.Kind, draft.Merge = wiki.Delete, false
	saved, err := s.Pages.Save(r.Context(), draft)
	if err != nil {
		return err
	}
	s.receipt(w, r, saved)
	return nil
}

// Receipt is the answer to a save.
type Receipt struct {
	Page      string   `json:"page"`
	URL       string   `json:"url"` // of the page, for people
	Revision  string   `json:"revision"`
	Tag       string   `json:"etag"`      // of the page now, as in ETag, with its quotes
	Copies    []string `json:"copies"`    // boxes with a durable copy, the answering one first
	Alone     bool     `json:"alone"`     // the only copy is on the answering box
	Created   bool     `json:"created"`   // the page did not exist before
	Replayed  bool     `json:"replayed"`  // the same save had been made before
	Unchanged bool     `json:"unchanged"` // the page said that already
	Merged    bool     `json:"merged"`    // with what others wrote meanwhile
	Receipt   string   `json:"receipt"`   // signed, to keep; "": GET /receipt?revision= gives one
}

func (s *Site) receipt(w http.ResponseWriter, r *http.Request, saved page.Saved) {
	s.describe(w.Header(), saved.View)
	w.Header().Set("Wiki-Copies", strings.Join(saved.Copies, ","))
	at := string(address("wiki", saved.View.Page))
	status := http.StatusOK
	if saved.Created {
		status = http.StatusCreated
		w.Header().Set("Location", at)
	}
	s.json(w, r, status, Receipt{
		Page: saved.View.Page, URL: at, Revision: saved.Revision.ID.String(), Tag: w.Header().Get("ETag"),
		Copies: append([]string{}, saved.Copies...), Alone: saved.Alone, Created: saved.Created,
		Replayed: saved.Replayed, Unchanged: saved.Unchanged, Merged: saved.Merged, Receipt: s.receiptText(saved),
	})
}
