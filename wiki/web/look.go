package web

import (
	"html"
	"strings"
	"sync/atomic"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/markup"
)

// look returns a page as it reads now, rendered. A kept article is used again
// while it has the same single head, whose body is not erased: such a view
// cannot have changed. A page with several heads is looked at afresh, since
// what they combine to hangs on more than the heads; its rendering is kept.
func (s *Site) look(name string) (*article, error) {
	kept := s.cache.get(name)
	if kept != nil && stillHead(s.Pages.Store, kept.view) {
		return s.refreshed(kept), nil
	}
	view, err := s.Pages.View(name)
	if err != nil {
		return nil, err
	}
	if view.State != wiki.Text && view.State != wiki.Merged {
		return &article{view: view}, nil
	}
	if kept != nil && kept.view.Tag == view.Tag && kept.view.Content == view.Content {
		again := *kept
		again.view = view
		return s.refreshed(&again), nil
	}
	return s.render(view), nil
}

// refreshed returns an article whose links are shown as they are: it was
// rendered when the same pages existed, or is rendered again.
func (s *Site) refreshed(a *article) *article {
	shape := s.Pages.Store.Shape()
	if a.shape == shape {
		return a
	}
	if !a.holds(s.exists) {
		return s.render(a.view)
	}
	again := *a
	again.shape = shape
	s.cache.put(&again)
	return &again
}

// render makes an article of a view that is a text, and keeps it.
func (s *Site) render(view wiki.View) *article {
	a := &article{view: view, shape: s.Pages.Store.Shape(), front: new(atomic.Pointer[front])}
	doc := s.document(view.Page, view.Type, view.Content)
	a.html, a.headings, a.links, a.wanted = doc.HTML, doc.Headings, doc.Links, doc.Wanted
	s.cache.put(a)
	return a
}

func stillHead(store wiki.Shelf, v wiki.View) bool {
	heads := store.Heads(v.Page)
	return len(heads) == 1 && len(v.Parents) == 1 && heads[0].ID == v.Parents[0] && !heads[0].Erased
}

// document renders a text of some type.
func (s *Site) document(name, kind, text string) markup.Document {
	if kind == wiki.Markdown || strings.HasPrefix(kind, wiki.Markdown+";") {
		return markup.Render(text, markup.Context{Page: name, Exists: s.exists})
	}
	return markup.Document{HTML: `<pre dir="auto" tabindex="0">` + html.EscapeString(text) + "</pre>"}
}

// exists tells whether a link to a page would find something.
func (s *Site) exists(name string) bool {
	for _, e := range s.Pages.Store.Heads(name) {
		if e.Header.Kind != wiki.Delete {
			return true
		}
	}
	return false
}
