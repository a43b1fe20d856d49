package couch

import (
	"net/http"
	"strconv"

	"github.com/argss/argss/wiki"
)

// feed is one answer of _changes while it is being written.
type feed struct {
	feedQuery
	store  wiki.Store
	out    *output
	at     wiki.Seq // everything up to here was told
	mark   string   // the same, as the reader gets it
	told   int
	buffer []byte
}

func (h *Handler) feed(w http.ResponseWriter, c *call, q feedQuery) error {
	if q.kind != "normal" && !c.caller.paired {
		select {
		case h.feeds <- struct{}{}:
			defer func() { <-h.feeds }()
		default:
			return refuse(http.StatusServiceUnavailable, "busy", "Too many readers wait for changes here; ask with feed=normal or later.")
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	f := &feed{feedQuery: q, store: c.db.Store, out: h.codec.output(w, c.Request), at: q.since}
	f.mark = f.markAt(q.since)
	err := f.write(c)
	if closing := f.out.close(); err != nil || closing != nil {
		return errGone // the headers are out: there is nobody to tell
	}
	return nil
}

func (f *feed) write(c *call) error {
	switch {
	case f.kind == "continuous":
		return f.continuous(c)
	case f.descending:
		return f.backwards()
	}
	if err := f.text("{\"results\":[\n"); err != nil {
		return err
	}
	if err := f.tell(); err != nil {
		return err
	}
	if f.kind == "longpoll" && f.told == 0 {
		if err := f.await(c); err != nil {
			return err
		}
	}
	return f.end("\n],")
}

// await blocks until there is something to tell, or the reader's time is up.
func (f *feed) await(c *call) error {
	if err := f.out.flush(); err != nil {
		return err
	}
	for f.told == 0 && f.wait(c.Context(), f.store, f.at, f.out) {
		if err := f.tell(); err != nil {
			return err
		}
	}
	return nil
}

func (f *feed) continuous(c *call) error {
	for {
		if err := f.tell(); err != nil {
			return err
		}
		if err := f.out.flush(); err != nil {
			return err
		}
		if f.told >= f.limit || !f.wait(c.Context(), f.store, f.at, f.out) {
			return f.end("{")
		}
	}
}

// tell writes all entries after f.at, up to the limit.
func (f *feed) tell() error {
	for f.told < f.limit {
		latest := f.store.Latest()
		entries := f.entries(f.store, f.at, min(page, f.limit-f.told))
		if len(entries) == 0 {
			if f.only != nil && latest > f.at { // nothing of interest up to there
				f.at, f.mark = latest, f.markAt(latest)
			}
			return nil
		}
		if err := f.rows(entries); err != nil {
			return err
		}
	}
	return nil
}

func (f *feed) backwards() error {
	if err := f.text("{\"results\":[\n"); err != nil {
		return err
	}
	for before := wiki.Seq(0); f.told < f.limit; {
		entries := f.store.Before(before, min(page, f.limit-f.told))
		if len(entries) == 0 {
			break
		}
		if err := f.rows(entries); err != nil {
			return err
		}
		before = f.at
	}
	return f.end("\n],")
}

func (f *feed) rows(entries []wiki.Entry) error {
	identity := f.store.Identity()
	b := f.buffer[:0]
	for _, e := range entries {
		if f.told > 0 && f.kind != "continuous" {
			b = append(b, ",\n"...)
		}
		f.at, f.mark = e.Seq, MarkOf(identity, e).String()
		b = append(b, `{"seq":"`...)
		b = append(b, f.mark...)
		b = append(b, `","id":"`...)
		b = append(b, wiki.DocID(e.ID)...)
		b = append(b, `","changes":[{"rev":"`...)
		b = append(b, wiki.Rev(e.ID)...)
		b = append(b, `"}]`...)
		b = append(f.appendDoc(b, e.ID), '}')
		if f.kind == "continuous" {
			b = append(b, '\n')
		}
		f.told++
		if len(b) > 64<<10 {
			if _, err := f.out.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	f.buffer = b
	_, err := f.out.Write(b)
	return err
}

func (f *feed) appendDoc(b []byte, id wiki.ID) []byte {
	if !f.docs {
		return b
	}
	r, err := f.store.Get(id)
	if err != nil { // damaged here: its row still tells that it exists
		return append(b, `,"doc":null`...)
	}
	return r.AppendWire(append(b, `,"doc":`...))
}

func (f *feed) end(opening string) error {
	pending := int64(max(f.store.Latest(), f.at) - f.at)
	if f.descending {
		pending = 0
	}
	return f.text(opening + `"last_seq":"` + f.mark + `","pending":` + strconv.FormatInt(pending, 10) + "}\n")
}

func (f *feed) text(s string) error {
	_, err := f.out.Write([]byte(s))
	return err
}

func (f *feed) markAt(seq wiki.Seq) string {
	identity := f.store.Identity()
	if seq > 0 {
		for _, e := range f.store.Since(seq-1, 1) {
			return MarkOf(identity, e).String()
		}
	}
	return Mark{Store: identity}.String()
}
