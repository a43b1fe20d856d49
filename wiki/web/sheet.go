package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/argss/argss/wiki"
)

// sheet fills what stands around a page.
func (s *Site) sheet(r *http.Request, area, name, title string) Sheet {
	sheet := Sheet{Frame: s.Frame(r), Title: title, Page: name, Area: area, Private: area != "wiki", Finds: s.Finder != nil}
	if c, err := r.Cookie("theme"); err == nil && (c.Value == "dark" || c.Value == "light") {
		sheet.Theme = c.Value
	}
	return sheet
}

// chips tells which boxes hold all that a view shows: those of the frame, and
// any other that gave a receipt. revision is "" for the page as it is now.
func (s *Site) chips(boxes []Box, revision string, v wiki.View) chipsView {
	row := chipsView{From: string(address("raw", v.Page, "revision", revision))}
	copies := s.copies(v)
	for _, box := range boxes {
		row.Chips = append(row.Chips, chip{Box: box.Name, Has: slices.Contains(copies, box.Name)})
	}
	for _, name := range copies {
		if !slices.ContainsFunc(boxes, func(b Box) bool { return b.Name == name }) {
			row.Chips = append(row.Chips, chip{Box: name, Has: true})
		}
	}
	return row
}

// copies returns the boxes that hold all heads of a view, this one first.
func (s *Site) copies(v wiki.View) []string {
	var all []string
	for i, r := range v.Heads {
		boxes := s.Pages.Copies(r.ID)
		if i == 0 {
			all = slices.Clone(boxes)
			continue
		}
		all = slices.DeleteFunc(all, func(b string) bool { return !slices.Contains(boxes, b) })
	}
	return all
}

// token draws what makes a form, however often it is sent, one save.
func (s *Site) token() (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(s.Random, b[:]); err != nil {
		return "", fmt.Errorf("draw a token: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}

// derived makes a token of a token: the same for the same request on any box.
func derived(token, purpose string) string {
	sum := sha256.Sum256([]byte(token + "\x00" + purpose))
	return hex.EncodeToString(sum[:16])
}

func joinIDs(ids []wiki.ID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return strings.Join(texts, ",")
}

// parseIDs is the inverse of joinIDs.
func parseIDs(s string) ([]wiki.ID, error) {
	if s == "" {
		return nil, nil
	}
	texts := strings.Split(s, ",")
	if len(texts) > wiki.MaxParents {
		return nil, refuse(http.StatusBadRequest, "base", "More than %d versions cannot be joined at once.", wiki.MaxParents)
	}
	ids := make([]wiki.ID, len(texts))
	for i, text := range texts {
		id, err := wiki.ParseHash(text)
		if err != nil {
			return nil, refuse(http.StatusBadRequest, "base", "“%.80s” does not name a version of a page.", text)
		}
		ids[i] = id
	}
	return ids, nil
}
