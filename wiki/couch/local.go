package couch

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/argss/argss/wiki"
)

// Others' checkpoints are notes of the store: one each under localPrefix, and
// under localIndex their names, the one written longest ago first. When there
// are too many, that one makes room: its owner will compare from the start.
const (
	localPrefix = "couch/local/"
	localIndex  = "couch/locals"

	maxLocal     = 64 << 10 // bytes of one: CouchDB's hold a history of fifty
	maxLocalName = 256
)

func (h *Handler) local(w http.ResponseWriter, c *call, id string) error {
	if err := allow(c, http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete); err != nil {
		return err
	}
	if id == "" || len(id) > maxLocalName || strings.ContainsRune(id, 0) {
		return badRequest("A local document's name has 1 to %d bytes.", maxLocalName)
	}
	var doc map[string]json.RawMessage
	if c.Method == http.MethodPut {
		data, done, err := h.body(c)
		if err != nil {
			return err
		}
		defer done()
		if len(data) > maxLocal {
			return tooLarge("A local document has at most %d bytes.", maxLocal)
		}
		if json.Unmarshal(data, &doc) != nil || doc == nil {
			return badRequest("A local document is a JSON object.")
		}
	}
	c.db.locals.Lock()
	defer c.db.locals.Unlock()
	held, rev := readLocal(c.db.Store, id)
	switch c.Method {
	case http.MethodPut:
		return h.putLocal(w, c, id, doc, rev)
	case http.MethodDelete:
		return deleteLocal(w, c, id, rev)
	}
	if held == nil {
		return errMissing
	}
	return writeJSON(w, http.StatusOK, held)
}

// readLocal returns a checkpoint and the number in its _rev, 0 for none.
func readLocal(notes wiki.Notes, id string) (doc map[string]json.RawMessage, rev int) {
	if json.Unmarshal(notes.Note(localPrefix+id), &doc) != nil {
		return nil, 0
	}
	return doc, revNumber(doc["_rev"])
}

func revNumber(raw json.RawMessage) int {
	var s string
	if json.Unmarshal(raw, &s) != nil || s == "" {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimPrefix(s, "0-"))
	if err != nil || !strings.HasPrefix(s, "0-") {
		return -1 // no rev this database ever gave
	}
	return n
}

func (h *Handler) putLocal(w http.ResponseWriter, c *call, id string, doc map[string]json.RawMessage, rev int) error {
	if revNumber(doc["_rev"]) != rev {
		return refuse(http.StatusConflict, "conflict", "Document update conflict.")
	}
	next := "0-" + strconv.Itoa(rev+1)
	doc["_id"], _ = json.Marshal("_local/" + id) // strings always have a form
	doc["_rev"], _ = json.Marshal(next)
	data, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("encode local document: %w", err)
	}
	names := localNames(c.db.Store, id)
	for len(names) >= h.config.Limits.Locals {
		c.db.Store.SetNote(localPrefix+names[0], nil)
		names = names[1:]
	}
	c.db.Store.SetNote(localPrefix+id, data)
	setLocalNames(c.db.Store, append(names, id))
	return writeJSON(w, http.StatusCreated, map[string]any{"ok": true, "id": "_local/" + id, "rev": next})
}

func deleteLocal(w http.ResponseWriter, c *call, id string, rev int) error {
	if rev == 0 {
		return errMissing
	}
	if given := c.URL.Query().Get("rev"); given != "" && given != "0-"+strconv.Itoa(rev) {
		return refuse(http.StatusConflict, "conflict", "Document update conflict.")
	}
	c.db.Store.SetNote(localPrefix+id, nil)
	setLocalNames(c.db.Store, localNames(c.db.Store, id))
	return writeJSON(w, http.StatusOK, map[string]any{"ok": true, "id": "_local/" + id, "rev": "0-0"})
}

// localNames returns the names of all checkpoints but one.
func localNames(notes wiki.Notes, but string) []string {
	var names []string
	if json.Unmarshal(notes.Note(localIndex), &names) != nil {
		return nil // a fresh store
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == but })
}

func setLocalNames(notes wiki.Notes, names []string) {
	data, _ := json.Marshal(names) // strings always have a form
	notes.SetNote(localIndex, data)
}
