package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/search"
)

// Finder knows pages by their words and links. wiki/search implements it.
type Finder interface {
	// Find returns up to limit pages after the first skip ones, the best first.
	Find(ctx context.Context, query string, skip, limit int) (search.Result, error)
	// Backlinks returns up to limit names above after of the pages that link to
	// a page.
	Backlinks(ctx context.Context, page, after string, limit int) ([]string, error)
	// Wanted returns up to limit pages that are linked to and do not exist, the
	// most wanted first.
	Wanted(ctx context.Context, skip, limit int) ([]search.Wanted, error)
	// Orphans returns up to limit names above after of the pages no other links
	// to.
	Orphans(ctx context.Context, after string, limit int) ([]string, error)
}

const (
	findLimit = 20     // pages found on one page
	findMost  = 10_000 // pages looked through
	maxQuery  = 500    // bytes of a query
)

// finding adds the addresses that need a Finder.
func (s *Site) finding(areas map[string]area) {
	areas["search"] = area{unnamed: true, methods: map[string]handler{"GET": s.search}}
	areas["wanted"] = area{unnamed: true, methods: map[string]handler{"GET": s.wanted}}
	areas["orphans"] = area{unnamed: true, methods: map[string]handler{"GET": s.orphans}}
	areas["backlinks"] = area{methods: map[string]handler{"GET": s.backlinks}}
}

// search answers GET /search: for people a list, for programs and for the list
// that grows with each key JSON.
func (s *Site) search(w http.ResponseWriter, r *http.Request, _ string) error {
	query := r.URL.Query().Get("q")
	if !utf8.ValidString(query) || len(query) > maxQuery {
		return refuse(http.StatusBadRequest, "query", "That is too much to look for; a few words find more.")
	}
	skip, err := s.skip(r)
	if err != nil {
		return err
	}
	found, err := s.Finder.Find(r.Context(), query, skip, findLimit)
	if err != nil {
		return err
	}
	if !wantsHTML(r) && strings.Contains(r.Header.Get("Accept"), "json") {
		return s.searchJSON(w, r, found)
	}
	v := searchView{Query: query, Loose: found.Loose, First: skip + 1}
	for _, h := range found.Hits {
		v.Hits = append(v.Hits, hitView{Page: h.Page, Title: h.Title, Extract: h.Extract})
	}
	if found.Done < found.All {
		v.Done = int(100 * found.Done / found.All)
		v.Partly = true
	}
	if found.More {
		v.More = string(address("search", "", "q", query, "skip", strconv.Itoa(skip+findLimit)))
	}
	if name := strings.TrimSpace(query); wiki.CheckName(name) == nil && !s.exists(name) {
		v.Create = string(address("edit", name))
	}
	sheet := s.sheet(r, "search", "", "Search")
	sheet.Private = true
	s.show(w, r, http.StatusOK, sheet, searchPage(v))
	return nil
}

// skip reads ?skip=, the number of a list's first entries to leave out.
func (s *Site) skip(r *http.Request) (int, error) {
	text := r.URL.Query().Get("skip")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > findMost {
		return 0, refuse(http.StatusBadRequest, "skip", "The list begins at a number from 0 to %d.", findMost)
	}
	return n, nil
}

// Found is the JSON of /search.
type Found struct {
	Hits  []FoundPage `json:"hits"`
	More  bool        `json:"more"`  // there are more behind these
	Loose bool        `json:"loose"` // no page has all the words
	Done  wiki.Seq    `json:"done"`  // of all revisions, so many are in the index
	All   wiki.Seq    `json:"all"`
}

// FoundPage is a page that was found.
type FoundPage struct {
	Page    string         `json:"page"`
	URL     string         `json:"url"`
	Title   string         `json:"title"` // its main heading, "" if it has none
	Extract []search.Piece `json:"extract"`
}

func (s *Site) searchJSON(w http.ResponseWriter, _ *http.Request, r search.Result) error {
	found := Found{Hits: []FoundPage{}, More: r.More, Loose: r.Loose, Done: r.Done, All: r.All}
	for _, h := range r.Hits {
		found.Hits = append(found.Hits, FoundPage{h.Page, string(address("wiki", h.Page)), h.Title, h.Extract})
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(found)
}

func (s *Site) backlinks(w http.ResponseWriter, r *http.Request, name string) error {
	names, err := s.Finder.Backlinks(r.Context(), name, r.URL.Query().Get("after"), pagesLimit+1)
	if err != nil {
		return err
	}
	v := namesView{
		Title: "Links to “" + name + "”", Page: name,
		Nothing: "No other page links here.",
	}
	v.fill(names, func(after string) string { return string(address("backlinks", name, "after", after)) })
	s.show(w, r, http.StatusOK, s.sheet(r, "backlinks", name, v.Title), namesPage(v))
	return nil
}

func (s *Site) orphans(w http.ResponseWriter, r *http.Request, _ string) error {
	names, err := s.Finder.Orphans(r.Context(), r.URL.Query().Get("after"), pagesLimit+1)
	if err != nil {
		return err
	}
	v := namesView{Title: "Pages no other links to", Nothing: "Every page is linked to."}
	v.fill(names, func(after string) string { return string(address("orphans", "", "after", after)) })
	s.show(w, r, http.StatusOK, s.sheet(r, "orphans", "", v.Title), namesPage(v))
	return nil
}

func (v *namesView) fill(names []string, more func(after string) string) {
	if len(names) > pagesLimit {
		names = names[:pagesLimit]
		v.More = more(names[pagesLimit-1])
	}
	for _, name := range names {
		v.Items = append(v.Items, listed{Name: name, Address: string(address("wiki", name))})
	}
}

func (s *Site) wanted(w http.ResponseWriter, r *http.Request, _ string) error {
	skip, err := s.skip(r)
	if err != nil {
		return err
	}
	pages, err := s.Finder.Wanted(r.Context(), skip, pagesLimit+1)
	if err != nil {
		return err
	}
	v := wantedView{Pages: pages}
	if len(pages) > pagesLimit {
		v.Pages = pages[:pagesLimit]
		v.More = string(address("wanted", "", "skip", strconv.Itoa(skip+pagesLimit)))
	}
	s.show(w, r, http.StatusOK, s.sheet(r, "wanted", "", "Wanted pages"), wantedPage(v))
	return nil
}
