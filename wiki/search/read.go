package search

import (
	"slices"
	"strings"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/markup"
)

// Viewer shows pages as they read now.
type Viewer interface {
	View(name string) (wiki.View, error)
}

// Reader returns a Config.Read of the pages that a viewer shows: texts and
// files, and of a conflict all its versions, since each may be looked for.
func Reader(v Viewer) func(name string) (Page, bool, error) {
	return func(name string) (Page, bool, error) {
		view, err := v.View(name)
		if err != nil {
			return Page{}, false, err
		}
		switch view.State {
		case wiki.Media:
			return Page{}, true, nil
		case wiki.Text, wiki.Merged, wiki.Conflict:
			return pageOf(view), true, nil
		}
		return Page{}, false, nil
	}
}

func pageOf(v wiki.View) Page {
	texts := []string{v.Content}
	if v.State == wiki.Conflict {
		texts = nil
		for _, head := range v.Heads {
			texts = append(texts, head.Body.Content)
		}
	}
	var p Page
	var plain []string
	for _, text := range texts {
		d := markup.Render(text, markup.Context{Page: v.Page})
		if p.Title == "" {
			p.Title = d.Title
		}
		for _, h := range d.Headings {
			p.Headings = append(p.Headings, h.Text)
		}
		p.Links = append(append(p.Links, d.Links...), d.Files...)
		if d.Plain == "" {
			d.Plain = text // too much to format, or nothing to take away
		}
		plain = append(plain, d.Plain)
	}
	slices.Sort(p.Links)
	p.Links = slices.Compact(p.Links)
	p.Plain = strings.Join(plain, "\n")
	return p
}
