package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/argss/argss/wiki"
)

// Limits of what one list holds.
const (
	historyLimit = 50
	maxHistory   = 500
)

// history answers GET /history/{Name}: for people a list to compare and
// restore from, for programs JSON.
func (s *Site) history(w http.ResponseWriter, r *http.Request, name string) error {
	before, err := s.before(r)
	if err != nil {
		return err
	}
	limit := historyLimit
	if text := r.URL.Query().Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > maxHistory {
			return refuse(http.StatusBadRequest, "limit", "The limit is a number from 1 to %d.", maxHistory)
		}
	}
	entries := s.Pages.Store.History(name, before, limit+1)
	more := len(entries) > limit
	entries = entries[:min(limit, len(entries))]
	if len(entries) == 0 && before == 0 {
		return refuse(http.StatusNotFound, "absent", "Nobody has written this page yet, so it has no history.")
	}
	if !wantsHTML(r) && strings.Contains(r.Header.Get("Accept"), "json") {
		return s.historyJSON(w, r, entries)
	}
	v, err := s.historyView(name, entries)
	if err != nil {
		return err
	}
	if more {
		v.Older = string(address("history", name, "before", entries[len(entries)-1].ID.String()))
	}
	s.show(w, r, http.StatusOK, s.sheet(r, "history", name, "History of "+name), historyPage(v))
	return nil
}

// before reads ?before=, a revision or a sequence number of this box. Links
// carry revisions, since the next page may come from another box, whose
// numbers are its own.
func (s *Site) before(r *http.Request) (wiki.Seq, error) {
	text := r.URL.Query().Get("before")
	if text == "" {
		return 0, nil
	}
	if n, err := strconv.ParseUint(text, 10, 64); err == nil && n > 0 {
		return wiki.Seq(n), nil
	}
	id, err := wiki.ParseHash(text)
	if err != nil {
		return 0, refuse(http.StatusBadRequest, "before", "What “before” names is a revision or a sequence number above 0.")
	}
	e, err := s.Pages.Store.Entry(id)
	return e.Seq, err
}

func (s *Site) historyView(name string, entries []wiki.Entry) (historyView, error) {
	token, err := s.token()
	heads := idsOf(s.Pages.Store.Heads(name))
	v := historyView{Page: name, Base: joinIDs(heads), Token: token}
	for i, e := range entries {
		c := s.changeView(e)
		newest := len(heads) == 1 && e.ID == heads[0]
		c.To, c.From = i == 0, i == 1 || len(entries) == 1
		c.Restore = c.Restore && !newest
		v.Changes = append(v.Changes, c)
	}
	return v, err
}

// changeView describes one revision in a list. A damaged copy is listed by
// what the index knows.
func (s *Site) changeView(e wiki.Entry) changeView {
	name, id := e.Header.Page, e.ID.String()
	c := changeView{
		byline:  byline{Author: e.Header.Author, Time: e.Header.When(), Kind: did(e.Header.Kind)},
		ID:      id,
		Page:    name,
		Version: string(address("wiki", name, "revision", id)),
		Erased:  e.Erased,
	}
	if copies := s.Pages.Copies(e.ID); len(copies) == 1 {
		c.Only = copies[0]
	}
	r, err := s.Pages.Store.Get(e.ID)
	if err != nil || r.Body == nil {
		return c
	}
	c.Comment, c.Restore = r.Body.Comment, restorable(r)
	if e.Header.Kind == wiki.Edit {
		c.Diff = string(address("diff", name, "to", id))
	}
	c.Size = sizeOf(r)
	c.Delta = c.Size - s.sizeBefore(e)
	if len(e.Header.Parents) == 0 && e.Header.Kind == wiki.Edit {
		c.Kind = "created the page"
	}
	return c
}

func sizeOf(r wiki.Revision) int64 {
	if r.Body == nil {
		return 0
	}
	return int64(len(r.Body.Content)) + r.Body.Size
}

func (s *Site) sizeBefore(e wiki.Entry) int64 {
	if len(e.Header.Parents) == 0 {
		return 0
	}
	parent, err := s.Pages.Store.Get(e.Header.Parents[0])
	if err != nil {
		return 0 // not held, or damaged: only a figure in a list
	}
	return sizeOf(parent)
}

// Change is one revision in the JSON of /history/{Name}.
type Change struct {
	Revision string   `json:"revision"`
	Seq      wiki.Seq `json:"seq"` // of the answering box
	Parents  []string `json:"parents"`
	Author   string   `json:"author"`
	Time     int64    `json:"time"` // milliseconds since 1970 UTC
	Kind     string   `json:"kind"`
	Comment  string   `json:"comment"`
	Digest   string   `json:"digest,omitempty"` // SHA-256 of the content in hex; not of files in several pieces
	Size     int64    `json:"size"`             // of the content in bytes
	Target   string   `json:"target,omitempty"` // of a rename
	Erased   bool     `json:"erased,omitempty"`
	Copies   []string `json:"copies"` // boxes that hold it, the answering one first
}

func (s *Site) historyJSON(w http.ResponseWriter, r *http.Request, entries []wiki.Entry) error {
	list := []Change{}
	for _, e := range entries {
		c, err := s.changeJSON(e)
		if err != nil {
			return err
		}
		list = append(list, c)
	}
	s.json(w, r, http.StatusOK, list)
	return nil
}

func (s *Site) changeJSON(e wiki.Entry) (Change, error) {
	c := Change{
		Revision: e.ID.String(), Seq: e.Seq, Parents: []string{}, Author: e.Header.Author,
		Time: e.Header.Time, Kind: string(e.Header.Kind), Erased: e.Erased,
		Copies: append([]string{}, s.Pages.Copies(e.ID)...),
	}
	for _, p := range e.Header.Parents {
		c.Parents = append(c.Parents, p.String())
	}
	rev, err := s.Pages.Store.Get(e.ID)
	if err != nil {
		if errors.Is(err, wiki.ErrDamaged) {
			return c, nil // the rest is in the index
		}
		return c, err
	}
	if rev.Body != nil {
		c.Comment, c.Target, c.Size = rev.Body.Comment, rev.Body.Target, sizeOf(rev)
		if sum, ok := contentSum(rev); ok {
			c.Digest = wiki.Hash(sum).String()
		}
	}
	return c, nil
}
