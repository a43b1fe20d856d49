package simulation

import (
	"net/http"

	"github.com/argss/argss/appliance"
	"github.com/argss/argss/wiki"
)

// Bug is a deliberate fault of the program, for finding out whether a storm
// notices it. It stands between a box and the world, or between a person and a
// box; the program itself has no switches. A nil field changes nothing.
type Bug struct {
	Name  string
	Files func(wiki.Files) wiki.Files                                    // of the public space
	Set   func(wiki.Store) wiki.Store                                    // of the public space
	Peers func(http.RoundTripper) http.RoundTripper                      // what a box asks of others
	Link  func(appliance.Link) appliance.Link                            // of the shared address
	Serve func(http.RoundTripper, *http.Request) (*http.Response, error) // what people ask of boxes
}

func (b Bug) files(folder string, f wiki.Files) wiki.Files {
	if b.Files == nil || folder != wiki.Public.Name {
		return f
	}
	return b.Files(f)
}

func (b Bug) set(space string, s wiki.Store) wiki.Store {
	if b.Set == nil || space != wiki.Public.Name {
		return s
	}
	return b.Set(s)
}

func (b Bug) peers(t http.RoundTripper) http.RoundTripper {
	if b.Peers == nil {
		return t
	}
	return b.Peers(t)
}

func (b Bug) link(l appliance.Link) appliance.Link {
	if b.Link == nil {
		return l
	}
	return b.Link(l)
}

func (b Bug) serve(t http.RoundTripper) http.RoundTripper {
	if b.Serve == nil {
		return t
	}
	return asking(func(r *http.Request) (*http.Response, error) { return b.Serve(t, r) })
}

// asking is a function as an http.RoundTripper.
type asking func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (a asking) RoundTrip(r *http.Request) (*http.Response, error) { return a(r) }
