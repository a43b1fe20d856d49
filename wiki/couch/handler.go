package couch

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/argss/argss/wiki"
)

// Prefix is where a Handler is mounted.
const Prefix = "/db/"

// Config says what a Handler serves.
type Config struct {
	Box       string // this box's name
	UUID      string // of this box, the same for ever: others' checkpoints hang on it
	Version   string
	Secret    string // of the paired boxes; "" pairs nobody
	Databases []Database
	Person    func(*http.Request) Person // who signed in; nil: there are no accounts
	Limits    Limits
	Log       *slog.Logger
}

// Database is one space as the wire sees it.
type Database struct {
	Space    wiki.Space
	Store    wiki.Store
	Blobs    wiki.Blobs // nil: revisions of files are taken without their pieces
	Gate     wiki.Gate
	Exchange Exchange // nil: a box that knows no peers
	Orphans  *Orphans // of the space, shared with its exchange; nil: none are kept
}

// Exchange is the part of a box that knows its peers.
type Exchange interface {
	Source
	Listener
	// Spread makes revisions from a person durable here and, if a paired box
	// lives, on it. It fails only if they are not durable here.
	Spread(ctx context.Context, revisions ...wiki.Revision) error
}

// Listener hears what paired boxes tell.
type Listener interface {
	// Pulled hears that a peer asked for what follows since in this box's
	// store: it holds everything up to there.
	Pulled(peer Peer, since wiki.Seq)
	// Pushed hears that a peer sent these: it holds them.
	Pushed(peer Peer, ids []wiki.ID)
	// Heartbeat answers a peer's heartbeat with ours.
	Heartbeat(peer Peer, beat Heartbeat) Heartbeat
}

// Limits bound what one request may ask. Zero fields take the default.
type Limits struct {
	Bytes     int64 // of an unpacked body: 32 MiB
	Documents int   // in one request: 10,000
	Locals    int   // checkpoints kept for others, a space: 256
	Feeds     int   // outsiders who wait for changes at a time: 256
	Bodies    int   // outsiders' uploads read at a time: 4
}

func (l Limits) withDefaults() Limits {
	if l.Bytes == 0 {
		l.Bytes = 32 << 20
	}
	if l.Documents == 0 {
		l.Documents = 10_000
	}
	if l.Locals == 0 {
		l.Locals = 256
	}
	if l.Feeds == 0 {
		l.Feeds = 256
	}
	if l.Bodies == 0 {
		l.Bodies = 4
	}
	return l
}

// Handler serves /db/. Its answers are JSON, errors included.
type Handler struct {
	config    Config
	databases map[string]*database
	codec     codec
	feeds     chan struct{} // holds one for each outsider who waits
	bodies    chan struct{} // holds one for each outsider's body in memory
}

// New returns the handler of a box. It panics on a space's name that
// wiki.CheckSpaceName refuses, which no settings file may contain.
func New(config Config) *Handler {
	config.Limits = config.Limits.withDefaults()
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	h := &Handler{
		config:    config,
		databases: map[string]*database{},
		feeds:     make(chan struct{}, config.Limits.Feeds),
		bodies:    make(chan struct{}, config.Limits.Bodies),
	}
	for _, d := range config.Databases {
		if err := wiki.CheckSpaceName(d.Space.Name); err != nil {
			panic(err)
		}
		h.databases[d.Space.Name] = newDatabase(d)
	}
	return h
}

// call is one request on its way through the handler.
type call struct {
	*http.Request
	caller caller
	db     *database
	name   string // what follows the space in the path, unescaped
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	err := h.serve(w, r)
	if err == nil || errors.Is(err, errGone) || r.Context().Err() != nil {
		return
	}
	f := asFailure(err)
	if f.status >= 500 {
		h.config.Log.Warn("replication request failed", "path", r.URL.Path, "err", err)
	}
	_ = writeJSON(w, f.status, map[string]string{"error": f.word, "reason": f.reason})
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request) error {
	c := &call{Request: r, caller: h.caller(r)}
	space, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), Prefix), "/")
	var err error
	if c.name, err = url.PathUnescape(rest); err != nil {
		return badRequest("The address is not percent-encoded properly.")
	}
	switch space {
	case "":
		return h.welcome(w, c)
	case "_all_dbs":
		return h.list(w, c)
	}
	if c.db = h.databases[space]; c.db == nil || !c.caller.paired && c.db.Space.Read == wiki.Boxes {
		return h.absent(c)
	}
	if !c.caller.may(c.db.Space.Read) {
		return refuse(http.StatusUnauthorized, "unauthorized", "Sign in to read this space.")
	}
	if c.caller.paired {
		w.Header().Set(BoxHeader, h.config.Box)
		w.Header().Set(StoreHeader, string(c.db.Store.Identity()))
	}
	return h.dispatch(w, c)
}

// absent answers for a space that does not exist, or not for this caller.
func (h *Handler) absent(c *call) error {
	if c.Method == http.MethodPut && c.name == "" {
		return refuse(http.StatusForbidden, "forbidden", "Spaces are made by the wiki's keepers, not over this address.")
	}
	return errNoDatabase
}

func (h *Handler) welcome(w http.ResponseWriter, c *call) error {
	if err := allow(c, http.MethodGet, http.MethodHead); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{
		"couchdb": "Welcome",
		"uuid":    h.config.UUID,
		"version": h.config.Version,
		"vendor":  map[string]string{"name": "ARGSS", "version": h.config.Version},
	})
}

func (h *Handler) list(w http.ResponseWriter, c *call) error {
	if err := allow(c, http.MethodGet, http.MethodHead); err != nil {
		return err
	}
	names := []string{}
	for name, db := range h.databases {
		if c.caller.may(db.Space.Read) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return writeJSON(w, http.StatusOK, names)
}

// allow refuses other methods than those.
func allow(c *call, methods ...string) error {
	if slices.Contains(methods, c.Method) {
		return nil
	}
	return refuse(http.StatusMethodNotAllowed, "method_not_allowed", "Only %s allowed.", strings.Join(methods, ","))
}
