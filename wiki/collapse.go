package wiki

import (
	"fmt"
	"slices"
)

// collapse leaves one of several heads that are one save, the lowest, and none
// where another recording of the save was already built upon. It takes time in
// proportion to the recordings, however many somebody made.
func collapse(s Reader, heads []Revision) []Revision {
	if len(heads) < 2 {
		return heads
	}
	kept := map[string]ID{} // the lowest recording of each save
	held := map[ID]bool{}
	for _, h := range heads { // ascending
		held[h.ID] = true
		if name := saveName(h); name != "" {
			if _, lower := kept[name]; !lower {
				kept[name] = h.ID
			}
		}
	}
	asked := map[string]bool{}
	for _, h := range heads {
		if token := h.Header.Token; token != "" && !asked[token] {
			asked[token] = true
			dropFollowed(s, kept, held, token, h.Header.Page)
		}
	}
	return slices.DeleteFunc(slices.Clone(heads), func(h Revision) bool {
		name := saveName(h)
		return name != "" && kept[name] != h.ID
	})
}

// dropFollowed keeps no head of a save that another recording carries on. Who
// is a head itself carries nothing on, whatever other pages say.
func dropFollowed(s Reader, kept map[string]ID, heads map[ID]bool, token, page string) {
	for _, e := range s.Saves(token) {
		if heads[e.ID] || e.Header.Page != page || !followedOn(s, e.ID, page) {
			continue
		}
		if r, err := s.Get(e.ID); err == nil {
			if name := saveName(r); kept[name] != (ID{}) {
				kept[name] = ID{}
			}
		}
	}
}

func followedOn(s Reader, id ID, page string) bool {
	return slices.ContainsFunc(s.Children(id), func(child ID) bool {
		e, err := s.Entry(child)
		return err == nil && e.Header.Page == page
	})
}

// saveName is the same for two revisions exactly if they are SameSave; "" for
// what is no other's save.
func saveName(r Revision) string {
	if r.Header.Token == "" || r.Body == nil {
		return ""
	}
	body := *r.Body
	content := body.node(r.Header.Kind)
	return fmt.Sprint(r.Header.Token, r.Header.Kind, HashOf(content.append(nil)), r.Header.Parents)
}
