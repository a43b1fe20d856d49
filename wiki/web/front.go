package web

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"
)

// front is a page drawn with all that stands around it, ready to be sent
// again as long as nothing of that changes. Reading a page then costs a look at
// its heads, its receipts and the frame.
type front struct {
	sheet  Sheet
	copies []string // boxes that held the page when it was drawn
	page   []byte
	zipped []byte
	tag    string // weak validator of page
}

// same tells whether drawing again would give the same bytes.
func (f *front) same(sheet Sheet, copies []string) bool {
	return f != nil && slices.Equal(f.copies, copies) && sameSheet(f.sheet, sheet)
}

func sameSheet(a, b Sheet) bool {
	x, y := a.Frame, b.Frame
	return a.Theme == b.Theme && a.Area == b.Area && a.Page == b.Page && a.Title == b.Title && a.Private == b.Private &&
		x.WikiName == y.WikiName && x.BoxName == y.BoxName && x.Version == y.Version && x.Banner == y.Banner &&
		slices.Equal(x.Boxes, y.Boxes) && slices.Equal(x.Ledger, y.Ledger) && slices.Equal(x.Links, y.Links)
}

// showArticle answers with a page that is a text, drawing it only if it is
// not drawn yet.
func (s *Site) showArticle(w http.ResponseWriter, r *http.Request, a *article, sheet Sheet, draw func() templ.Component) {
	copies := s.copies(a.view)
	f := a.front.Load()
	if !f.same(sheet, copies) {
		page, err := drawn(r.Context(), sheet, draw())
		if err != nil {
			s.notDrawn(w, r, err)
			return
		}
		f = &front{sheet: sheet, copies: copies, page: page, zipped: zipped(page), tag: weakTag(page)}
		a.front.Store(f)
	}
	h := w.Header()
	h["Content-Type"] = htmlType
	if unchanged(w, r, f.tag) {
		return
	}
	body := f.page
	if acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = f.zipped
	}
	write(w, r, http.StatusOK, body)
}
