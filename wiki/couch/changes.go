package couch

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/argss/argss/wiki"
)

// page is how many entries are read from the store at a time.
const page = 1000

// The longest and shortest a feed waits before it says something.
const (
	maxWait = time.Minute
	minBeat = 100 * time.Millisecond
)

// feedQuery is what a reader of _changes asks.
type feedQuery struct {
	kind       string // normal, longpoll, continuous
	since      wiki.Seq
	limit      int
	descending bool
	docs       bool
	only       []wiki.ID     // nil: all
	heartbeat  time.Duration // 0: none
	timeout    time.Duration
}

func (h *Handler) changes(w http.ResponseWriter, c *call) error {
	values := c.URL.Query()
	q, err := parseFeed(values, c.db.Store)
	if err != nil {
		return err
	}
	if c.Method == http.MethodPost {
		if err := h.feedBody(c, &q); err != nil {
			return err
		}
	} else if err := h.docIDs(&q, values); err != nil {
		return err
	}
	if c.caller.paired && c.caller.peer.Box != "" && q.only == nil && !q.descending && values.Get("since") != "now" && c.db.Exchange != nil {
		c.db.Exchange.Pulled(c.caller.peer, q.since)
	}
	return h.feed(w, c, q)
}

func parseFeed(v url.Values, store wiki.Store) (q feedQuery, err error) {
	q = feedQuery{kind: v.Get("feed"), since: place(store, v.Get("since")), limit: math.MaxInt, timeout: maxWait}
	switch q.kind {
	case "":
		q.kind = "normal"
	case "normal", "longpoll", "continuous":
	default:
		return q, badRequest("The feeds of this database are normal, longpoll and continuous, not %.40q.", q.kind)
	}
	if filter := v.Get("filter"); filter != "" && filter != "_doc_ids" {
		return q, badRequest("This database has no filter but _doc_ids; %.40q would run a program of yours here.", filter)
	}
	if v.Get("since") == "now" {
		q.since = store.Latest()
	}
	if q.limit, err = intParam(v, "limit", q.limit); err != nil {
		return q, err
	}
	q.limit = max(q.limit, 1) // CouchDB reads 0 as 1
	q.descending, q.docs = v.Get("descending") == "true", v.Get("include_docs") == "true"
	return q, q.parseTimes(v)
}

func (q *feedQuery) parseTimes(v url.Values) error {
	timeout, err := intParam(v, "timeout", int(maxWait/time.Millisecond))
	if err != nil {
		return err
	}
	q.timeout = min(time.Duration(min(timeout, 1<<30))*time.Millisecond, maxWait)
	switch v.Get("heartbeat") {
	case "", "false":
		return nil
	case "true":
		q.heartbeat = maxWait
		return nil
	}
	beat, err := intParam(v, "heartbeat", 0)
	q.heartbeat = max(minBeat, min(time.Duration(min(beat, 1<<30))*time.Millisecond, maxWait))
	return err
}

// intParam reads a natural number of the query.
func intParam(v url.Values, name string, without int) (int, error) {
	s := v.Get(name)
	if s == "" {
		return without, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, badRequest("%s is a natural number, not %.40q.", name, s)
	}
	return n, nil
}

// docIDs reads the doc_ids of a GET.
func (h *Handler) docIDs(q *feedQuery, v url.Values) error {
	text := v.Get("doc_ids")
	if text == "" {
		if v.Get("filter") != "" {
			q.only = []wiki.ID{}
		}
		return nil
	}
	var names []string
	if json.Unmarshal([]byte(text), &names) != nil {
		return badRequest("doc_ids is a JSON list of document IDs.")
	}
	return h.narrow(q, names)
}

// feedBody reads the doc_ids of a POST.
func (h *Handler) feedBody(c *call, q *feedQuery) error {
	data, done, err := h.body(c)
	if err != nil {
		return err
	}
	defer done()
	var body struct {
		IDs      *[]string       `json:"doc_ids"`
		Selector json.RawMessage `json:"selector"`
	}
	if len(data) > 0 && json.Unmarshal(data, &body) != nil {
		return badRequest("The body of _changes is a JSON object with a list of doc_ids.")
	}
	switch {
	case body.Selector != nil:
		return badRequest("This database has no selectors; filter by doc_ids.")
	case body.IDs == nil:
		return h.docIDs(q, c.URL.Query())
	}
	return h.narrow(q, *body.IDs)
}

// narrow makes the feed tell of these documents only. Names that can be no
// revision never appear in any feed.
func (h *Handler) narrow(q *feedQuery, names []string) error {
	q.only = []wiki.ID{}
	for _, name := range names {
		if id, err := wiki.ParseDocID(name); err == nil {
			q.only = append(q.only, id)
		}
	}
	q.only = wiki.SortIDs(q.only)
	return h.count(len(names))
}

// entries returns up to limit entries after since that the reader asked for.
func (q *feedQuery) entries(store wiki.Store, since wiki.Seq, limit int) []wiki.Entry {
	if q.only == nil {
		return store.Since(since, limit)
	}
	var found []wiki.Entry
	for _, id := range q.only {
		if e, err := store.Entry(id); err == nil && e.Seq > since {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b wiki.Entry) int { return int(int64(a.Seq) - int64(b.Seq)) })
	return found[:min(limit, len(found))]
}

// wait blocks until the store grew above since; it keeps the line warm with
// newlines if the reader asked for that. false: stop telling.
func (q *feedQuery) wait(ctx context.Context, store wiki.Store, since wiki.Seq, out *output) bool {
	step := q.timeout
	if q.heartbeat > 0 {
		step = q.heartbeat
	}
	for {
		turn, cancel := context.WithTimeout(ctx, step)
		err := store.Wait(turn, since)
		cancel()
		switch {
		case err == nil:
			return true
		case !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil || q.heartbeat == 0:
			return false
		}
		if _, err := out.Write([]byte("\n")); err != nil || out.flush() != nil {
			return false
		}
	}
}
