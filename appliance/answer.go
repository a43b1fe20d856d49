package appliance

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/argss/argss/appliance/dashboard"
	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
	"github.com/argss/argss/wiki/merge"
	"github.com/argss/argss/wiki/page"
	"github.com/argss/argss/wiki/web"
)

// server answers with the box's handler. Answers may take as long as a slow
// reader needs (and long polls wait), but a request must arrive in time.
func (b *Box) server() *server {
	return newServer(&http.Server{
		Handler:           b.handler,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(b.log.Handler(), slog.LevelDebug),
	})
}

// routes decides which domain answers a path. It looks only at the first
// segment and leaves the rest as it came: page names may hold what a path
// cleaner would take away.
func (b *Box) routes() http.Handler {
	wire := b.wire()
	pieces := couch.BlobHandler{Blobs: b.blobs, Secret: b.settings.Secret}
	site := b.site()
	status := dashboard.Handler(b.Status, site.Show)
	sameSite := http.NewCrossOriginProtection().Handler
	return sameSite(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case strings.HasPrefix(path, couch.Prefix):
			wire.ServeHTTP(w, r)
		case strings.HasPrefix(path, "/blob/"):
			pieces.ServeHTTP(w, r)
		case path == "/status" || path == "/status.json":
			status.ServeHTTP(w, r)
		default:
			site.ServeHTTP(w, r)
		}
	}))
}

func (b *Box) wire() http.Handler {
	c := couch.Config{Box: b.settings.Box, UUID: b.uuid(), Version: Version(), Secret: b.settings.Secret, Log: b.log}
	for _, s := range spaces {
		c.Databases = append(c.Databases, b.spaces[s.Name].database(b.blobs, b.gate()))
	}
	return couch.New(c)
}

func (b *Box) site() *web.Site {
	public := b.spaces[wiki.Public.Name]
	pages := page.New(page.Config{
		Store: healing{public.set, public.store, public.exchange}, Blobs: b.blobs, Merger: merge.Merger{}, Publisher: public.exchange,
		Now: b.parts.Now, Random: b.parts.Random,
	})
	return web.New(web.Config{
		Pages: pages, Frame: b.frame, Author: web.HeaderAuthor, Random: b.parts.Random, Log: b.log,
	})
}
