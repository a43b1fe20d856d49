package couch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/argss/argss/wiki"
)

// bulkDocs takes revisions. Each is judged by itself; those admitted are
// durable, all in one sync, before the answer lists the others.
func (h *Handler) bulkDocs(w http.ResponseWriter, c *call) error {
	if !c.caller.may(c.db.Space.Write) {
		return refuse(http.StatusForbidden, "forbidden", "You may read this space, but not write to it.")
	}
	data, done, err := h.body(c)
	if err != nil {
		return err
	}
	defer done()
	docs, err := h.parseBulk(data)
	if err != nil {
		return err
	}
	refused := []refusedDoc{}
	var revisions []wiki.Revision
	for _, d := range docs {
		r, err := d.revision(c.caller)
		if err != nil {
			refused = append(refused, d.refuse(err))
			continue
		}
		revisions = append(revisions, r)
	}
	refusals, err := c.db.intake(c.caller).Take(c.Context(), revisions)
	if err != nil {
		return fmt.Errorf("take %d revisions: %w", len(revisions), err)
	}
	c.heard(revisions)
	for _, r := range refusals {
		refused = append(refused, document{ID: wiki.DocID(r.ID), Rev: wiki.Rev(r.ID)}.refuse(r.Err))
	}
	if c.caller.paired {
		w.Header().Set(SeqHeader, strconv.FormatUint(uint64(c.db.Store.Latest()), 10))
	}
	return writeJSON(w, http.StatusCreated, refused)
}

// heard reports what a paired box showed it holds, admitted here or not.
func (c *call) heard(revisions []wiki.Revision) {
	if !c.caller.paired || c.db.Exchange == nil {
		return
	}
	ids := make([]wiki.ID, len(revisions))
	for i, r := range revisions {
		ids[i] = r.ID
	}
	c.db.Exchange.Pushed(c.caller.peer, ids)
}

// document is what the wire adds to a revision, and its bytes.
type document struct {
	ID          string          `json:"_id"`
	Rev         string          `json:"_rev"`
	Deleted     bool            `json:"_deleted"`
	Attachments json.RawMessage `json:"_attachments"`
	Revisions   struct {
		Start int `json:"start"`
	} `json:"_revisions"`

	raw       json.RawMessage
	malformed bool           // a member above has another form
	read      *wiki.Revision // what raw is, if it was read already
}

// parseBulk reads the envelope of a _bulk_docs. Nothing in it is believed yet.
func (h *Handler) parseBulk(data []byte) ([]document, error) {
	if docs, ok := h.parseOwn(data); ok {
		return docs, nil
	}
	return h.parseAny(data)
}

func (h *Handler) parseAny(data []byte) ([]document, error) {
	var body struct {
		Docs     []json.RawMessage `json:"docs"`
		NewEdits *bool             `json:"new_edits"`
	}
	if json.Unmarshal(data, &body) != nil || body.Docs == nil {
		return nil, badRequest(`The body of _bulk_docs is {"docs":[…],"new_edits":false}.`)
	}
	if body.NewEdits == nil || *body.NewEdits {
		return nil, badRequest("Revisions are named by their content: send them with new_edits false.")
	}
	if err := h.count(len(body.Docs)); err != nil {
		return nil, err
	}
	docs := make([]document, len(body.Docs))
	for i, raw := range body.Docs {
		if len(raw) == 0 || raw[0] != '{' {
			return nil, badRequest("Document %d of _bulk_docs is not a JSON object.", i)
		}
		docs[i].malformed = json.Unmarshal(raw, &docs[i]) != nil
		docs[i].raw = raw
	}
	return docs, nil
}

// parseOwn reads a _bulk_docs that is written as our boxes do, and no other:
// then no document says more of itself than its name.
func (h *Handler) parseOwn(data []byte) (docs []document, ok bool) {
	c := cutter{buf: data}
	if c.expect(ownBulk) != nil {
		return nil, false
	}
	var wire []byte
	for len(docs) < h.config.Limits.Documents {
		more, err := c.more(len(docs))
		if err != nil || !more {
			return docs, err == nil && c.expect("]}") == nil && c.at == len(c.buf)
		}
		raw, err := c.object()
		if err != nil {
			return nil, false
		}
		r, err := wiki.Parse(raw)
		if err != nil {
			return nil, false
		}
		if wire = r.AppendWire(wire[:0]); !bytes.Equal(wire, raw) {
			return nil, false
		}
		docs = append(docs, document{ID: wiki.DocID(r.ID), Rev: wiki.Rev(r.ID), read: &r})
	}
	return nil, false
}

// revision checks a document against what it says it is.
func (d document) revision(c caller) (wiki.Revision, error) {
	if d.read != nil {
		return *d.read, c.owns(*d.read)
	}
	id, err := wiki.ParseDocID(d.ID)
	switch {
	case d.malformed:
		return wiki.Revision{}, forbidden("The document's members that begin with _ do not have the form CouchDB gives them.")
	case err != nil:
		return wiki.Revision{}, forbidden(`This database holds revisions only: "rev:" and 64 hexadecimal digits.`)
	case d.Deleted:
		return wiki.Revision{}, forbidden("Revisions are never deleted; a deletion is a revision of its own.")
	case d.Rev != "" && !generationOne(d.Rev) || d.Revisions.Start > 1:
		return wiki.Revision{}, forbidden("A revision's document has one generation and is never updated.")
	case d.Attachments != nil:
		return wiki.Revision{}, forbidden("Files travel as blobs, not as attachments.")
	}
	r, err := wiki.Parse(d.raw)
	if err != nil {
		return wiki.Revision{}, forbidden("The document is %v.", err)
	}
	if r.ID != id {
		return wiki.Revision{}, forbidden("The content is not the one the _id names; it would be %s.", wiki.DocID(r.ID))
	}
	return r, c.owns(r)
}

// owns refuses what an outsider signs with another's name. A box without
// accounts cannot tell whose a name is.
func (c caller) owns(r wiki.Revision) error {
	if c.paired || !c.known || r.Header.Author == "" || r.Header.Author == c.person.Account {
		return nil
	}
	return forbidden("The revision carries the name of another account than yours.")
}

func forbidden(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{wiki.ErrForbidden}, args...)...)
}

func (d document) refuse(err error) refusedDoc {
	word := "forbidden"
	if errors.Is(err, ErrUnknownParent) || errors.Is(err, ErrUnknownBlob) {
		word = "precondition_failed"
	}
	reason := strings.TrimPrefix(err.Error(), wiki.ErrForbidden.Error()+": ")
	return refusedDoc{ID: d.ID, Rev: d.Rev, Error: word, Name: word, Reason: reason}
}
