package couch

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"

	"github.com/argss/argss/wiki"
)

// document serves one revision by its _id.
func (h *Handler) document(w http.ResponseWriter, c *call) error {
	if c.Method != http.MethodGet && c.Method != http.MethodHead {
		return refuse(http.StatusForbidden, "forbidden",
			"Revisions are never changed or deleted here; send new ones to _bulk_docs with new_edits false.")
	}
	q := c.URL.Query()
	id, err := wiki.ParseDocID(c.name)
	if err != nil {
		return errMissing
	}
	if q.Has("open_revs") {
		return h.openRevs(w, c, id, q.Get("open_revs"))
	}
	if rev := q.Get("rev"); rev != "" && !generationOne(rev) {
		return errMissing
	}
	r, err := c.db.Store.Get(id)
	if err != nil {
		return fmt.Errorf("read revision %s: %w", id.Short(), err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("ETag", `"`+wiki.Rev(id)+`"`)
	_, err = w.Write(append(appendDocument(nil, r, q.Get("revs") == "true"), '\n'))
	if err != nil {
		return errGone
	}
	return nil
}

// openRevs answers with each asked version: what CouchDB's replicator does
// where _bulk_get is missing or documents have attachments.
func (h *Handler) openRevs(w http.ResponseWriter, c *call, id wiki.ID, asked string) error {
	revs := []string{wiki.Rev(id)}
	if asked != "all" && json.Unmarshal([]byte(asked), &revs) != nil {
		return badRequest("open_revs is all or a JSON list of revisions.")
	}
	if err := h.count(len(revs)); err != nil {
		return err
	}
	r, err := c.db.Store.Get(id)
	if err != nil && (asked == "all" || !errors.Is(err, wiki.ErrNotFound)) {
		return fmt.Errorf("read revision %s: %w", id.Short(), err)
	}
	held, told := err == nil, false
	var parts [][]byte
	for _, rev := range revs {
		switch {
		case !held || !generationOne(rev):
			missing, _ := json.Marshal(map[string]string{"missing": rev}) // a string always has a form
			parts = append(parts, missing)
		case !told: // once is enough: every generation-1 rev is this document
			told = true
			parts = append(parts, appendDocument(nil, r, c.URL.Query().Get("revs") == "true"))
		}
	}
	if accept := c.Header.Get("Accept"); strings.Contains(accept, "multipart/mixed") && !strings.Contains(accept, "json") {
		return writeMixed(w, parts)
	}
	return writeOpenRevs(w, parts)
}

func isMissing(part []byte) bool { return strings.HasPrefix(string(part), `{"missing"`) }

func writeOpenRevs(w http.ResponseWriter, parts [][]byte) error {
	b := []byte{'['}
	for i, part := range parts {
		if i > 0 {
			b = append(b, ',')
		}
		if isMissing(part) {
			b = append(b, part...)
			continue
		}
		b = append(append(append(b, `{"ok":`...), part...), '}')
	}
	w.Header().Set("Content-Type", "application/json")
	if _, err := w.Write(append(b, "]\n"...)); err != nil {
		return errGone
	}
	return nil
}

func writeMixed(w http.ResponseWriter, parts [][]byte) error {
	m := multipart.NewWriter(w)
	w.Header().Set("Content-Type", `multipart/mixed; boundary="`+m.Boundary()+`"`)
	for _, part := range parts {
		kind := "application/json"
		if isMissing(part) {
			kind = `application/json; error="true"`
		}
		p, err := m.CreatePart(textproto.MIMEHeader{"Content-Type": {kind}})
		if err != nil {
			return errGone
		}
		if _, err := p.Write(part); err != nil {
			return errGone
		}
	}
	if m.Close() != nil {
		return errGone
	}
	return nil
}
