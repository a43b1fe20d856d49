package couch

import (
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"strconv"

	"github.com/argss/argss/wiki"
)

// listing is what a reader of _all_docs asks.
type listing struct {
	keys       []string // nil: all
	start, end string
	limit      int
	docs       bool
}

func (h *Handler) allDocs(w http.ResponseWriter, c *call) error {
	l, err := parseListing(c.URL.Query())
	if err != nil {
		return err
	}
	if c.Method == http.MethodPost {
		data, done, err := h.body(c)
		if err != nil {
			return err
		}
		defer done()
		var body struct {
			Keys []string `json:"keys"`
		}
		if len(data) > 0 && json.Unmarshal(data, &body) != nil {
			return badRequest(`The body of _all_docs is {"keys":["…"]}.`)
		}
		if body.Keys != nil {
			l.keys = body.Keys
		}
	}
	if err := h.count(len(l.keys)); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return l.write(h.codec.output(w, c.Request), c.db.Store)
}

func parseListing(v url.Values) (l listing, err error) {
	if v.Get("descending") == "true" {
		return l, badRequest("This database lists its documents in ascending order only.")
	}
	if l.limit, err = intParam(v, "limit", math.MaxInt); err != nil {
		return l, err
	}
	l.docs = v.Get("include_docs") == "true"
	for name, field := range map[string]any{"keys": &l.keys, "startkey": &l.start, "start_key": &l.start,
		"endkey": &l.end, "end_key": &l.end} {
		if s := v.Get(name); s != "" && json.Unmarshal([]byte(s), field) != nil {
			return l, badRequest("%s is not the JSON it should be.", name)
		}
	}
	return l, nil
}

func (l *listing) write(out *output, store wiki.Store) error {
	_, total := store.Digest()
	b := []byte(`{"total_rows":` + strconv.FormatUint(total, 10) + `,"offset":0,"rows":[` + "\n")
	told := 0
	emit := func(row []byte) bool {
		if told > 0 {
			b = append(b, ",\n"...)
		}
		told++
		if b = append(b, row...); len(b) > 64<<10 {
			if _, err := out.Write(b); err != nil {
				return false
			}
			b = b[:0]
		}
		return told < l.limit
	}
	switch {
	case l.limit == 0:
	case l.keys != nil:
		l.named(store, emit)
	default:
		l.walk(store, emit)
	}
	_, err := out.Write(append(b, "\n]}\n"...))
	if out.close() != nil || err != nil {
		return errGone
	}
	return nil
}

// named lists the documents asked for by name, in that order.
func (l *listing) named(store wiki.Store, emit func([]byte) bool) {
	for _, key := range l.keys {
		id, err := wiki.ParseDocID(key)
		var row []byte
		if err == nil && len(store.Missing([]wiki.ID{id})) == 0 {
			row = l.row(store, id)
		} else {
			row, _ = json.Marshal(map[string]string{"key": key, "error": "not_found"}) // strings always have a form
		}
		if !emit(row) {
			return
		}
	}
}

// walk lists all documents in order, along the digest tree.
func (l *listing) walk(store wiki.Store, emit func([]byte) bool) {
	for i, node := range store.Branches() {
		if node.IsZero() || l.end != "" && wiki.DocID(wiki.ID{byte(i)}) > l.end {
			continue
		}
		for j, leaf := range store.Branches(byte(i)) {
			if leaf.IsZero() {
				continue
			}
			for _, id := range store.Bucket([2]byte{byte(i), byte(j)}) {
				name := wiki.DocID(id)
				if name < l.start || l.end != "" && name > l.end {
					continue
				}
				if !emit(l.row(store, id)) {
					return
				}
			}
		}
	}
}

func (l *listing) row(store wiki.Store, id wiki.ID) []byte {
	name := wiki.DocID(id)
	b := []byte(`{"id":"` + name + `","key":"` + name + `","value":{"rev":"` + wiki.Rev(id) + `"}`)
	if l.docs {
		if r, err := store.Get(id); err == nil {
			b = r.AppendWire(append(b, `,"doc":`...))
		} else {
			b = append(b, `,"doc":null`...)
		}
	}
	return append(b, '}')
}
