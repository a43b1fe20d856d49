package couch

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/argss/argss/wiki"
)

// revsDiff tells which of the named documents are not held. A held one is held
// in every generation-1 rev; a later generation can never be.
func (h *Handler) revsDiff(w http.ResponseWriter, c *call) error {
	data, done, err := h.body(c)
	if err != nil {
		return err
	}
	defer done()
	var asked map[string][]string
	if json.Unmarshal(data, &asked) != nil || asked == nil {
		return badRequest("The body of _revs_diff is a JSON object of lists of revisions.")
	}
	if err := h.count(len(asked)); err != nil {
		return err
	}
	type lack struct {
		Missing []string `json:"missing"`
	}
	lacks := map[string]lack{}
	for name, revs := range asked {
		held := holds(c.db.Store, name)
		var missing []string
		for _, rev := range revs {
			if !held || !generationOne(rev) {
				missing = append(missing, rev)
			}
		}
		if len(missing) > 0 {
			lacks[name] = lack{missing}
		}
	}
	return writeJSON(w, http.StatusOK, lacks)
}

func holds(store wiki.Store, name string) bool {
	id, err := wiki.ParseDocID(name)
	return err == nil && len(store.Missing([]wiki.ID{id})) == 0
}

// wanted is one document a reader asks for.
type wanted struct {
	ID  string `json:"id"`
	Rev string `json:"rev,omitempty"`
}

// bulkGet streams the named documents one by one, so that a large answer costs
// no more memory than its largest document.
func (h *Handler) bulkGet(w http.ResponseWriter, c *call) error {
	data, done, err := h.body(c)
	if err != nil {
		return err
	}
	var body struct {
		Docs []wanted `json:"docs"`
	}
	err = json.Unmarshal(data, &body)
	done()
	if err != nil || body.Docs == nil {
		return badRequest(`The body of _bulk_get is {"docs":[{"id":…,"rev":…}]}.`)
	}
	if err := h.count(len(body.Docs)); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	out := h.codec.output(w, c.Request)
	err = c.writeBulk(out, body.Docs)
	if errors.Join(err, out.close()) != nil {
		return errGone
	}
	return nil
}

func (c *call) writeBulk(out *output, docs []wanted) error {
	revs := c.URL.Query().Get("revs") == "true"
	b := []byte(`{"results":[`)
	for i, want := range docs {
		if i > 0 {
			b = append(b, ",\n"...)
		}
		b = c.appendResult(b, want, revs)
		if len(b) > 64<<10 {
			if _, err := out.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err := out.Write(append(b, "]}\n"...))
	return err
}

func (c *call) appendResult(b []byte, want wanted, revs bool) []byte {
	id, err := wiki.ParseDocID(want.ID)
	var r wiki.Revision
	switch {
	case err != nil, want.Rev != "" && !generationOne(want.Rev):
		err = errMissing
	default:
		r, err = c.db.Store.Get(id)
	}
	if err != nil {
		return appendError(b, want, asFailure(err))
	}
	b = append(append(b, `{"id":"`...), want.ID...) // ParseDocID left nothing to escape
	b = appendDocument(append(b, `","docs":[{"ok":`...), r, revs)
	return append(b, "}]}"...)
}

func appendError(b []byte, want wanted, f *failure) []byte {
	refused := refusedDoc{ID: want.ID, Rev: want.Rev, Error: f.word, Name: f.word, Reason: f.reason}
	data, _ := json.Marshal(map[string]any{ // strings always have a form
		"id":   want.ID,
		"docs": []any{map[string]any{"error": refused}},
	})
	return append(b, data...)
}

// refusedDoc is how one document's failure is listed. Name repeats Error for
// PouchDB, which gives up a whole replication unless it is told by name that a
// document was forbidden.
type refusedDoc struct {
	ID     string `json:"id"`
	Rev    string `json:"rev,omitempty"`
	Error  string `json:"error"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
}
