package couch

import (
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/argss/argss/wiki"
)

// database is a Database with what its requests share.
type database struct {
	Database
	locals sync.Mutex // one change of the checkpoints at a time
}

func newDatabase(d Database) *database { return &database{Database: d} }

// intake is how revisions enter this database.
func (d *database) intake(c caller) Intake {
	in := Intake{Store: d.Store, Blobs: d.Blobs, Gate: d.Gate, Orphans: d.Orphans}
	if c.paired {
		in.From = c.peer.Box
	}
	if d.Exchange == nil {
		return in
	}
	in.Source = d.Exchange
	if !c.paired {
		in.Add = d.Exchange.Spread
	}
	return in
}

// dispatch finds the endpoint under a database.
func (h *Handler) dispatch(w http.ResponseWriter, c *call) error {
	const get, head, post, put = http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut
	if id, ok := strings.CutPrefix(c.name, "_local/"); ok {
		return h.local(w, c, id)
	}
	endpoint, ok := map[string]struct {
		serve   func(http.ResponseWriter, *call) error
		methods []string
	}{
		"":                    {h.info, []string{get, head, put}},
		"_changes":            {h.changes, []string{get, post}},
		"_revs_diff":          {h.revsDiff, []string{post}},
		"_bulk_get":           {h.bulkGet, []string{post}},
		"_bulk_docs":          {h.bulkDocs, []string{post}},
		"_all_docs":           {h.allDocs, []string{get, head, post}},
		"_ensure_full_commit": {h.fullCommit, []string{post}},
		"_heartbeat":          {h.heartbeat, []string{post}},
		"_tree":               {h.tree, []string{get}},
	}[strings.TrimSuffix(c.name, "/")]
	switch {
	case ok:
		if err := allow(c, endpoint.methods...); err != nil {
			return err
		}
		return endpoint.serve(w, c)
	case strings.HasPrefix(c.name, "_") && !strings.HasPrefix(c.name, "_design/"):
		return refuse(http.StatusNotFound, "not_found", "This database has no %.40q.", c.name)
	}
	return h.document(w, c)
}

func (h *Handler) info(w http.ResponseWriter, c *call) error {
	if c.Method == http.MethodPut {
		return refuse(http.StatusPreconditionFailed, "file_exists", "The database exists already.")
	}
	digest, count := c.db.Store.Digest()
	return writeJSON(w, http.StatusOK, map[string]any{
		"db_name":              c.db.Space.Name,
		"update_seq":           LatestMark(c.db.Store).String(),
		"doc_count":            count,
		"doc_del_count":        0,
		"purge_seq":            0,
		"compact_running":      false,
		"instance_start_time":  "0",
		"committed_update_seq": LatestMark(c.db.Store).String(),
		"set_digest":           digest,
	})
}

// fullCommit answers what CouchDB's replicator asks before each checkpoint.
func (h *Handler) fullCommit(w http.ResponseWriter, c *call) error {
	return writeJSON(w, http.StatusCreated, map[string]any{"ok": true, "instance_start_time": "0"})
}

// smallBody is what outsiders may send without waiting for their turn.
const smallBody = 64 << 10

// body reads a request's body within the limits. done must be called once the
// body is no longer held.
func (h *Handler) body(c *call) (data []byte, done func(), err error) {
	done = func() {}
	if small := c.ContentLength >= 0 && c.ContentLength <= smallBody && c.Header.Get("Content-Encoding") == ""; !small && !c.caller.paired {
		select {
		case h.bodies <- struct{}{}:
			done = sync.OnceFunc(func() { <-h.bodies })
		case <-c.Context().Done():
			return nil, done, errGone
		}
	}
	data, err = h.codec.readAll(c.Body, c.Header.Get("Content-Encoding"), c.ContentLength, h.config.Limits.Bytes)
	switch {
	case err == nil && c.caller.paired:
		return data, done, nil
	case err == nil:
		if err = h.crowded(data); err == nil {
			return data, done, nil
		}
	case errors.Is(err, errTooLarge), errors.As(err, new(*http.MaxBytesError)):
		err = tooLarge("The request's body is larger than %d bytes; send fewer documents at a time.", h.config.Limits.Bytes)
	case errors.Is(err, errEncoding):
		err = refuse(http.StatusUnsupportedMediaType, "bad_content_encoding", "Bodies are plain, gzip or zstd.")
	default:
		err = badRequest("The request's body cannot be read.")
	}
	done()
	return nil, done, err
}

// count refuses requests that name too many documents.
func (h *Handler) count(n int) error {
	if n > h.config.Limits.Documents {
		return tooLarge("The request names %d documents; at most %d at a time.", n, h.config.Limits.Documents)
	}
	return nil
}

// generationOne tells whether rev is one that a revision's document may carry.
func generationOne(rev string) bool { return strings.HasPrefix(rev, "1-") && len(rev) > 2 }

// appendDocument appends a document as readers ask for it.
func appendDocument(b []byte, r wiki.Revision, revs bool) []byte {
	b = r.AppendWire(b)
	if !revs {
		return b
	}
	b = append(b[:len(b)-1], `,"_revisions":{"start":1,"ids":["`...)
	b = append(b, r.ID.String()[:32]...)
	return append(b, `"]}}`...)
}
