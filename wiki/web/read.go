package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/markup"
)

// read answers GET /wiki/{Name}.
func (s *Site) read(w http.ResponseWriter, r *http.Request, name string) error {
	query := r.URL.Query()
	if query.Has("revision") {
		return s.readVersion(w, r, name, query.Get("revision"))
	}
	a, err := s.look(name)
	if err != nil {
		return err
	}
	if a.view.State == wiki.Moved {
		return s.readMoved(w, r, a.view)
	}
	sheet := s.sheet(r, "wiki", name, name)
	if a.front != nil && r.URL.RawQuery == "" {
		s.showArticle(w, r, a, sheet, func() templ.Component {
			return readPage(s.pageView(sheet.Frame.Boxes, a, s.notices(query, a.view)))
		})
		return nil
	}
	status, body, err := s.body(r.Context(), sheet.Frame.Boxes, a, s.notices(query, a.view))
	if err != nil {
		return err
	}
	sheet.Private = status != http.StatusOK
	s.show(w, r, status, sheet, body)
	return nil
}

func (s *Site) pageView(boxes []Box, a *article, notices []notice) pageView {
	v := pageView{
		Page: a.view.Page, Notices: notices, Inside: inside(a.headings), Foot: s.colophon(boxes, "", a.view),
	}
	v.Heading, v.HTML = splitHeading(a.html)
	return v
}

// body draws a page in any state but Moved.
func (s *Site) body(ctx context.Context, boxes []Box, a *article, notices []notice) (status int, body templ.Component, err error) {
	v := s.pageView(boxes, a, notices)
	switch a.view.State {
	case wiki.Absent, wiki.Deleted:
		gone, err := s.absentView(a.view, notices)
		return http.StatusNotFound, absentPage(gone), err
	case wiki.Erased:
		return 0, nil, refuse(http.StatusGone, "erased", "What stood here was erased by a keeper of this wiki; the page can be written anew.")
	case wiki.Newer:
		return 0, nil, newer()
	case wiki.Media:
		return http.StatusOK, filePage(s.fileView(ctx, v, a.view.Heads[0], string(address("files", v.Page)))), nil
	case wiki.Conflict:
		return http.StatusOK, conflictPage(s.conflictView(boxes, a.view, notices)), nil
	}
	return http.StatusOK, readPage(v), nil
}

const newerReason = "This was written by a newer version of the software; it is kept and copied, and this box will show it once it is updated."

func newer() error { return refuse(http.StatusNotImplemented, "newer", newerReason) }

// splitHeading cuts a text's own main heading off, if it begins with one: it
// then stands where the page's name would.
func splitHeading(html string) (heading, rest string) {
	if end := strings.Index(html, "</h1>"); end >= 0 && strings.HasPrefix(html, "<h1") {
		return html[:end+len("</h1>")], html[end+len("</h1>"):]
	}
	return "", html
}

// inside leaves out the heading that is the page's title.
func inside(headings []markup.Heading) []markup.Heading {
	if len(headings) > 0 && headings[0].Level == 1 {
		return headings[1:]
	}
	return headings
}

// readMoved leads a reader to where a page moved, across several moves, but
// not in circles.
func (s *Site) readMoved(w http.ResponseWriter, r *http.Request, v wiki.View) error {
	target := v.Heads[0].Body.Target
	if r.URL.Query().Get("moved") != "no" {
		if final, ok := s.follow(v.Page, target); ok {
			http.Redirect(w, r, string(address("wiki", final, "from", v.Page)), http.StatusFound)
			return nil
		}
	}
	sheet := s.sheet(r, "wiki", v.Page, v.Page)
	body := movedPage(movedView{Page: v.Page, Target: target, Foot: s.colophon(sheet.Frame.Boxes, "", v)})
	s.show(w, r, http.StatusOK, sheet, body)
	return nil
}

// follow finds the page at the end of a chain of moves; false in a circle.
func (s *Site) follow(from, to string) (string, bool) {
	for seen := []string{from}; len(seen) < 10 && !slices.Contains(seen, to); {
		seen = append(seen, to)
		v, err := s.Pages.View(to)
		if err != nil || v.State != wiki.Moved {
			return to, err == nil
		}
		to = v.Heads[0].Body.Target
	}
	return "", false
}

// colophon describes a page as it is now, or with a revision as it was.
func (s *Site) colophon(boxes []Box, revision string, v wiki.View) colophonView {
	chips := s.chips(boxes, revision, v)
	return colophonView{Page: v.Page, Last: lastOf(v), Chips: chips, Source: chips.From, Old: revision != ""}
}

// lastOf names the latest writer of what is shown.
func lastOf(v wiki.View) byline {
	if len(v.Heads) == 0 {
		return byline{}
	}
	return bylineFor(slices.MaxFunc(v.Heads, func(a, b wiki.Revision) int {
		return cmp.Or(cmp.Compare(a.Header.Time, b.Header.Time), a.ID.Compare(b.ID))
	}))
}

func bylineFor(r wiki.Revision) byline {
	b := byline{Author: r.Header.Author, Time: r.Header.When(), Kind: did(r.Header.Kind)}
	if r.Body != nil {
		b.Comment = r.Body.Comment
	}
	return b
}

// did says what a revision did.
func did(k wiki.Kind) string {
	switch k {
	case wiki.Edit:
		return "edited"
	case wiki.Upload:
		return "uploaded a file"
	case wiki.Delete:
		return "deleted the page"
	case wiki.Rename:
		return "moved the page"
	case wiki.Erase:
		return "erased versions"
	}
	return "did what a newer version knows"
}

// absentView tells of a page that is not there and helps to find or restore it.
func (s *Site) absentView(v wiki.View, notices []notice) (absentView, error) {
	a := absentView{Page: v.Page, Notices: notices, Deleted: v.State == wiki.Deleted}
	if !a.Deleted {
		a.Nearby = s.nearby(v.Page)
		return a, nil
	}
	a.Last = lastOf(v)
	token, err := s.token()
	if err != nil {
		return a, err
	}
	for _, id := range v.Heads[0].Header.Parents {
		if before, err := s.Pages.Store.Get(id); err == nil && restorable(before) {
			a.Restore = restoreView{
				Page: v.Page, Revision: id.String(), Base: joinIDs(v.Parents), Token: token,
				Label: "Restore the page as it was",
			}
		}
	}
	return a, nil
}

// nearby returns pages a mistyped name may mean: those that begin alike.
func (s *Site) nearby(name string) []string {
	last := lastSegment(name)
	runes := []rune(last)
	stem := strings.TrimSuffix(name, last) + string(runes[:min(len(runes), 4)])
	return s.Pages.Store.Pages(stem, "", 5)
}
