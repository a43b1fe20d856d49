package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/page"
)

// edit answers GET /edit/{Name}: the form, filled with the page as it is, or
// with ?revision= as it was. Saved, it follows every head it was made from.
func (s *Site) edit(w http.ResponseWriter, r *http.Request, name string) error {
	view, err := s.Pages.View(name)
	if err != nil {
		return err
	}
	v, err := s.freshForm(view)
	if err != nil {
		return err
	}
	if text := r.URL.Query().Get("revision"); text != "" {
		if err := s.fillFrom(&v, text); err != nil {
			return err
		}
	}
	s.showForm(w, r, http.StatusOK, v)
	return nil
}

func (s *Site) showForm(w http.ResponseWriter, r *http.Request, status int, v editView) {
	title := "Edit " + v.Page
	if v.New {
		title = "Create " + v.Page
	}
	s.show(w, r, status, s.sheet(r, "edit", v.Page, title), editPage(v))
}

// freshForm is the form on top of a view.
func (s *Site) freshForm(view wiki.View) (editView, error) {
	token, err := s.token()
	if err != nil {
		return editView{}, err
	}
	v := editView{
		Page: view.Page, New: !view.Exists(), Base: joinIDs(view.Parents), Token: token,
		Type: wiki.Markdown,
	}
	switch view.State {
	case wiki.Newer:
		return v, newer()
	case wiki.Media:
		v.Notices = []notice{{Kind: "limp", Text: "This page is a file now. Saving a text puts the text in its place; the file stays in the history."}}
	case wiki.Moved:
		v.Notices = []notice{{Kind: "limp", Text: "This page moved. Saving a text here makes it a page of its own again."}}
	case wiki.Merged:
		v.Notices = []notice{{Text: "This is the merge of versions written apart. Read it through; saving makes it the page."}}
		v.fill(view.Type, view.Content)
	case wiki.Text:
		v.fill(view.Type, view.Content)
	case wiki.Conflict:
		return v, s.fillConflict(&v, view)
	}
	return v, nil
}

// fill puts a text into the form. A browser sends every line with CR LF,
// whatever it was given, so the form remembers what the page has.
func (v *editView) fill(kind, text string) {
	v.Type, v.Content = kind, text
	v.CRLF = strings.Count(text, "\n") > 0 && strings.Count(text, "\r\n") == strings.Count(text, "\n")
}

func (s *Site) fillFrom(v *editView, text string) error {
	id, err := parseRevision(text)
	if err != nil {
		return err
	}
	old, err := s.Pages.At(v.Page, id)
	if err != nil {
		return err
	}
	if old.State != wiki.Text {
		return refuse(http.StatusNotFound, "no-text", "That version is not a text that could be edited.")
	}
	v.fill(old.Type, old.Content)
	v.Notices = []notice{{Text: "This is the text of an earlier version. Saving makes it the newest."}}
	return nil
}

// fillConflict sets the texts of a conflict side by side and proposes a result.
func (s *Site) fillConflict(v *editView, view wiki.View) error {
	result, clash, err := s.settled(view)
	if err != nil {
		return err
	}
	if len(clash.Sides) < 2 {
		v.fill(view.Type, result)
		v.Notices = []notice{{Kind: "limp", Text: "Versions that are not both text stand against each other. Saving a text settles it in favour of the text."}}
		return nil
	}
	v.fill(view.Type, result)
	v.Clash = clash
	v.Notices = []notice{{Kind: "limp", Text: "Versions written apart differ in the places below. Make the result say what the page should say, and save it; every version stays in the history."}}
	return nil
}

// maxForm is the largest form in bytes: a text with every byte escaped, and
// the bases of a page with as many heads as can be joined.
const maxForm = 3*wiki.MaxText + 64<<10

// form is what came back of an editView.
type form struct {
	editView
	base []wiki.ID
}

func parseForm(w http.ResponseWriter, r *http.Request, name string) (f form, err error) {
	if r.ContentLength > maxForm {
		return f, &http.MaxBytesError{Limit: maxForm}
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); kind != "application/x-www-form-urlencoded" {
		return f, refuse(http.StatusUnsupportedMediaType, "type", "A form is sent as application/x-www-form-urlencoded.")
	}
	if err := r.ParseForm(); err != nil {
		if long := new(http.MaxBytesError); errors.As(err, &long) {
			return f, err
		}
		return f, refuse(http.StatusBadRequest, "form", "The form could not be read, so nothing was saved; send it again.")
	}
	f.editView = editView{
		Page: name, Content: r.PostForm.Get("content"), Comment: strings.TrimSpace(r.PostForm.Get("comment")),
		Base: r.PostForm.Get("base"), Token: r.PostForm.Get("token"), Type: r.PostForm.Get("type"),
		CRLF: r.PostForm.Get("crlf") != "", New: r.PostForm.Get("base") == "",
	}
	if !f.CRLF {
		f.Content = strings.ReplaceAll(f.Content, "\r\n", "\n")
	}
	f.base, err = parseIDs(f.Base)
	return f, err
}

func (f form) draft(author string) page.Draft {
	return page.Draft{
		Page: f.Page, Type: f.Type, Content: f.Content, Comment: f.Comment, Author: author,
		Token: f.Token, Base: page.OnHeads(f.base...), Merge: true,
	}
}

// saveEdit answers POST /edit/{Name}. Whatever goes wrong, the writer gets the
// form back with every word in it.
func (s *Site) saveEdit(w http.ResponseWriter, r *http.Request, name string) error {
	f, err := parseForm(w, r, name)
	if err != nil {
		return err
	}
	if !r.PostForm.Has("content") {
		return refuse(http.StatusBadRequest, "form", "The form came without the page's text, so nothing was saved; send it again.")
	}
	if r.PostForm.Get("do") == "preview" {
		f.Preview, f.HTML = true, s.document(name, f.Type, f.Content).HTML
		s.showForm(w, r, http.StatusOK, f.editView)
		return nil
	}
	saved, err := s.saveForm(r, f)
	if err == nil {
		redirectSaved(w, r, saved)
		return nil
	}
	return s.formAgain(w, r, f, err)
}

// saveForm saves a form. A writer who saved, went back and wrote on sends the
// same token with another text: that is a new save on top of the first one, not
// a conflict with oneself. Only where the first one was merged with others'
// work does the second still stand on what was in the form.
func (s *Site) saveForm(r *http.Request, f form) (page.Saved, error) {
	draft := f.draft(s.Author(r))
	saved, err := s.Pages.Save(r.Context(), draft)
	if !errors.Is(err, page.ErrTokenReused) {
		return saved, err
	}
	for _, e := range s.Pages.Store.Saves(wiki.TokenHash(draft.Author, draft.Token)) {
		if e.Header.Page == f.Page && slices.Equal(e.Header.Parents, f.base) {
			draft.Base = page.OnHeads(e.ID)
		}
	}
	draft.Token = derived(draft.Token, draft.Content+"\x00"+draft.Comment)
	return s.Pages.Save(r.Context(), draft)
}

func redirectSaved(w http.ResponseWriter, r *http.Request, saved page.Saved) {
	how := ""
	switch {
	case saved.Unchanged:
		how = "unchanged"
	case saved.Merged:
		how = "merged"
	}
	to := address("wiki", saved.Revision.Header.Page, "saved", saved.Revision.ID.String(), "how", how)
	http.Redirect(w, r, string(to), http.StatusSeeOther)
}

// formAgain shows the form with what hindered the save.
func (s *Site) formAgain(w http.ResponseWriter, r *http.Request, f form, err error) error {
	if stale := new(page.Stale); errors.As(err, &stale) {
		return s.formOnto(w, r, f, stale.View)
	}
	p := problemOf(err)
	if p.status >= 500 {
		s.Log.Error("save failed", "page", f.Page, "error", err)
	}
	f.Notices = []notice{{Kind: "grave", Live: true, Text: p.reason + " Your text is below, as you wrote it."}}
	s.showForm(w, r, p.status, f.editView)
	return nil
}

// formOnto is the form of a stale save that did not merge: theirs, yours and a
// proposed result, now on top of what stands there.
func (s *Site) formOnto(w http.ResponseWriter, r *http.Request, f form, now wiki.View) error {
	v, err := s.freshForm(now)
	if err != nil {
		return err
	}
	typed := f.Content
	v.Comment, v.Content, v.Type, v.CRLF, v.Clash = f.Comment, typed, f.Type, f.CRLF, clashView{}
	v.Notices = []notice{{Kind: "limp", Live: true, Text: "Nothing is saved yet: the page is not what it was when you began. Your text is below; saving puts it there."}}
	if now.State == wiki.Text || now.State == wiki.Merged {
		before, err := wiki.LookAt(s.Pages.Store, s.Pages.Merger, f.Page, s.held(f.base))
		if err != nil {
			return err
		}
		v.Content, v.Clash = settle([]string{"Yours", "Theirs, saved meanwhile"}, before.Content, typed, now.Content)
		v.Typed = typed
		v.Notices[0].Text = "Nothing is saved yet: somebody changed the same places while you wrote. Make the result say what the page should say, and save it."
	}
	s.showForm(w, r, http.StatusConflict, v)
	return nil
}

// held leaves those of a form's base that are here.
func (s *Site) held(base []wiki.ID) []wiki.ID {
	missing := s.Pages.Store.Missing(base)
	return slices.DeleteFunc(slices.Clone(base), func(id wiki.ID) bool { return slices.Contains(missing, id) })
}
