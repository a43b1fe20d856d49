package web

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/argss/argss/wiki"
)

// readVersion answers GET /wiki/{Name}?revision=: a page as it was.
func (s *Site) readVersion(w http.ResponseWriter, r *http.Request, name, text string) error {
	id, err := parseRevision(text)
	if err != nil {
		return err
	}
	view, err := s.Pages.At(name, id)
	if err != nil {
		return err
	}
	sheet := s.sheet(r, "history", name, name)
	v, err := s.versionView(sheet.Frame.Boxes, view, id)
	if err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, sheet, versionPage(v))
	return nil
}

func parseRevision(text string) (wiki.ID, error) {
	id, err := wiki.ParseHash(text)
	if err != nil {
		return id, refuse(http.StatusBadRequest, "revision", "“%.80s” does not name a version of a page.", text)
	}
	return id, nil
}

func (s *Site) versionView(boxes []Box, view wiki.View, id wiki.ID) (versionView, error) {
	html, err := s.versionHTML(view)
	if err != nil {
		return versionView{}, err
	}
	token, err := s.token()
	if err != nil {
		return versionView{}, err
	}
	heads := idsOf(s.Pages.Store.Heads(view.Page))
	head := view.Heads[0]
	heading, rest := splitHeading(html)
	v := versionView{
		pageView: pageView{
			Page: view.Page, Heading: heading, HTML: rest,
			Foot: s.colophon(boxes, id.String(), view),
		},
		When:   head.Header.When(),
		Newest: slices.Contains(heads, id),
		Diff:   string(address("diff", view.Page, "to", id.String())),
		Now:    string(address("diff", view.Page, "from", id.String())),
	}
	if !v.Newest && restorable(head) {
		v.Restore = restoreView{
			Page: view.Page, Revision: id.String(), Base: joinIDs(heads), Token: token, Label: "Restore this version",
		}
	}
	return v, nil
}

// versionHTML says what one revision holds.
func (s *Site) versionHTML(v wiki.View) (string, error) {
	switch v.State {
	case wiki.Text:
		return s.document(v.Page, v.Type, v.Content).HTML, nil
	case wiki.Erased:
		return "", refuse(http.StatusGone, "erased", "This version was erased by a keeper of this wiki.")
	case wiki.Newer:
		return "", newer()
	}
	return paragraph(sentenceFor(v.Heads[0])), nil
}

// sentenceFor says what a revision is that is no text.
func sentenceFor(r wiki.Revision) string {
	switch {
	case r.Body == nil:
		return "This version was erased by a keeper of this wiki."
	case r.Header.Kind == wiki.Upload:
		return fmt.Sprintf("A file: %s, %s.", r.Body.Type, sizeText(r.Body.Size))
	case r.Header.Kind == wiki.Rename:
		return fmt.Sprintf("The page was moved to “%s”.", r.Body.Target)
	case r.Header.Kind == wiki.Delete:
		return "The page was deleted."
	}
	return "Written by a newer version of the software."
}

// restorable tells whether a revision can be made the newest again.
func restorable(r wiki.Revision) bool {
	return r.Body != nil && (r.Header.Kind == wiki.Edit || r.Header.Kind == wiki.Upload)
}

func idsOf(entries []wiki.Entry) []wiki.ID {
	ids := make([]wiki.ID, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	return ids
}
