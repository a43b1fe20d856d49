package web

import (
	"io"
	"log/slog"
	"net/http"

	"github.com/argss/argss/wiki/page"
	"github.com/argss/argss/wiki/receipt"
)

// Config is what a Site is made of; all but Receipts is required.
type Config struct {
	Pages  *page.Pages
	Frame  func(*http.Request) Frame
	Author func(*http.Request) string // who asks, opaque; see HeaderAuthor
	Random io.Reader                  // for the tokens of forms
	Log    *slog.Logger
	// Receipts signs saves and checks what it signed; nil: saves have no receipts.
	Receipts *receipt.Office
	// Finder finds pages by their words; nil: there are no addresses that need one.
	Finder Finder
	// CacheBytes bounds the rendered pages kept in memory; 0 means 16 MiB.
	CacheBytes int
}

// HeaderAuthor takes the author from the header Wiki-Author, unchecked. It is
// Config.Author as long as a wiki has no accounts.
func HeaderAuthor(r *http.Request) string { return r.Header.Get("Wiki-Author") }
