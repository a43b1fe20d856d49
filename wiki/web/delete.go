package web

import (
	"errors"
	"net/http"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/page"
)

// askDelete answers GET /delete/{Name}.
func (s *Site) askDelete(w http.ResponseWriter, r *http.Request, name string) error {
	view, err := s.Pages.View(name)
	if err != nil {
		return err
	}
	if !view.Exists() {
		return refuse(http.StatusNotFound, "absent", "There is no page of this name to delete.")
	}
	return s.showDelete(w, r, http.StatusOK, view)
}

func (s *Site) showDelete(w http.ResponseWriter, r *http.Request, status int, view wiki.View, notices ...notice) error {
	token, err := s.token()
	if err != nil {
		return err
	}
	v := deleteView{Page: view.Page, Base: joinIDs(view.Parents), Token: token, Notices: notices}
	s.show(w, r, status, s.sheet(r, "delete", view.Page, "Delete "+view.Page), deletePage(v))
	return nil
}

// saveDelete answers POST /delete/{Name}. What was changed since the question
// was asked is asked about again.
func (s *Site) saveDelete(w http.ResponseWriter, r *http.Request, name string) error {
	f, err := parseForm(w, r, name)
	if err != nil {
		return err
	}
	saved, err := s.Pages.Save(r.Context(), page.Draft{
		Page: name, Kind: wiki.Delete, Comment: f.Comment, Author: s.Author(r), Token: f.Token, Base: page.OnHeads(f.base...),
	})
	if stale := new(page.Stale); errors.As(err, &stale) && stale.View.Exists() {
		return s.showDelete(w, r, http.StatusConflict, stale.View, notice{Kind: "limp", Live: true,
			Text:   "Nothing was deleted: the page was changed since you asked.",
			Action: Link{"See what changed", string(address("history", name))}})
	}
	if err != nil {
		return err
	}
	redirectSaved(w, r, saved)
	return nil
}

// restore answers POST /restore/{Name}: a copy of an earlier version becomes
// the newest.
func (s *Site) restore(w http.ResponseWriter, r *http.Request, name string) error {
	f, err := parseForm(w, r, name)
	if err != nil {
		return err
	}
	id, err := parseRevision(r.PostForm.Get("revision"))
	if err != nil {
		return err
	}
	if _, err := s.Pages.At(name, id); err != nil {
		return err
	}
	old, err := s.Pages.Store.Get(id)
	if err != nil {
		return err
	}
	if !restorable(old) {
		return refuse(http.StatusConflict, "no-content", "That version holds nothing that could be restored.")
	}
	saved, err := s.Pages.Save(r.Context(), page.Draft{
		Page: name, Kind: old.Header.Kind, Type: old.Body.Type, Content: old.Body.Content,
		Blobs: old.Body.Blobs, Size: old.Body.Size, Author: s.Author(r),
		Comment: "Back to the version of " + stamp(old.Header.When()),
		Token:   derived(f.Token, id.String()), Base: page.OnHeads(f.base...),
	})
	if err != nil {
		return err
	}
	redirectSaved(w, r, saved)
	return nil
}
