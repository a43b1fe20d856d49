package appliance

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/argss/argss/appliance/dashboard"
	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
	"github.com/argss/argss/wiki/merge"
	"github.com/argss/argss/wiki/page"
	"github.com/argss/argss/wiki/receipt"
	"github.com/argss/argss/wiki/web"
)

// server answers with the box's handler. Answers may take as long as a slow
// reader needs (and long polls wait), but a request must arrive in time.
func (b *Box) server() *server {
	return newServer(&http.Server{
		Handler:           paced(b.handler),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(b.log.Handler(), slog.LevelDebug),
	})
}

// routes decides which domain answers a path. It looks only at the first
// segment and leaves the rest as it came: page names may hold what a path
// cleaner would take away.
func (b *Box) routes(services *stack) http.Handler {
	wire := sameSite(b.wire())
	pieces := sameSite(couch.BlobHandler{Blobs: b.blobs, Secret: b.settings.Secret})
	site := b.site(services) // refuses what another website sends by itself, with a page for people
	status := sameSite(dashboard.Handler(b.Status, b.order, site.Show))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case strings.HasPrefix(path, couch.Prefix):
			wire.ServeHTTP(w, r)
		case strings.HasPrefix(path, "/blob/"):
			pieces.ServeHTTP(w, r)
		case path == "/status" || path == "/status.json":
			status.ServeHTTP(w, r)
		default:
			b.asked.Store(time.Now().UnixNano())
			site.ServeHTTP(w, r)
		}
	})
}

// sameSite refuses what a browser sends for another website.
func sameSite(h http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"error":"forbidden","reason":"Another website sent this on your behalf, so it was not done."}`+"\n")
	}))
	return guard.Handler(h)
}

func (b *Box) wire() http.Handler {
	c := couch.Config{Box: b.settings.Box, UUID: b.uuid(), Version: Version(), Secret: b.settings.Secret, Log: b.log}
	for _, s := range spaces {
		c.Databases = append(c.Databases, b.spaces[s.Name].database(b.blobs, b.gate()))
	}
	return couch.New(c)
}

func (b *Box) site(services *stack) *web.Site {
	public := b.spaces[wiki.Public.Name]
	pages := page.New(page.Config{
		Store: healing{public.set, public.store, public.exchange, public.repaired}, Blobs: b.blobs, Merger: merge.Merger{}, Publisher: public.exchange,
		Now: b.parts.Now, Random: b.parts.Random,
	})
	c := web.Config{
		Pages: pages, Frame: b.frame, Author: web.HeaderAuthor, Random: b.parts.Random, Log: b.log, Receipts: b.receipts(public),
	}
	if index := b.openFinder(services, pages); index != nil {
		c.Finder = index
	}
	return web.New(c)
}

// receipts signs and checks the receipts of a space.
func (b *Box) receipts(s *space) *receipt.Office {
	return &receipt.Office{
		Key: receipt.KeyOf(b.settings.PairSecret()), Box: b.settings.Box, Space: s.Name,
		Store: s.set, Others: s.exchange, Now: b.parts.Now,
	}
}
