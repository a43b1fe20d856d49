package union

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
)

// Renewer is a store that can take a new identity, durable when Renew returns
// it.
type Renewer interface {
	Renew() (wiki.Identity, error)
}

// Exchange keeps one space of this box equal with its peers. Its methods are
// safe for concurrent use, before, during and after Run.
type Exchange struct {
	config Config
	store  wiki.Store
	ledger *ledger
	peers  []*peer // in the order of the settings
	byName map[string]*peer
	limp   limpWatch
	refuse refusals
	pushes arrivals

	renewing sync.Mutex // held by the one who gives the store a new identity
}

var _ couch.Exchange = (*Exchange)(nil)

// New returns an exchange that knows nobody yet: until Run has heard a peer,
// every save is answered from one copy.
func New(config Config) *Exchange {
	config = config.withDefaults()
	x := &Exchange{config: config, store: config.Store, byName: map[string]*peer{}}
	names := make([]string, len(config.Peers))
	for i, p := range config.Peers {
		names[i] = p.Name
	}
	x.ledger = newLedger(config.Store, names)
	for _, p := range config.Peers {
		q := newPeer(x, p)
		x.peers = append(x.peers, q)
		x.byName[p.Name] = q
	}
	x.limp.begin(config.Now())
	return x
}

// Run copies until ctx ends; then it has stopped all it started and written
// the notes. It must be called at most once.
func (x *Exchange) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for _, p := range x.peers {
		all.Go(func() { p.run(ctx) })
	}
	for sleep(ctx, x.config.Timing.Keep) {
		x.keep()
	}
	all.Wait()
	x.keep()
	return ctx.Err()
}

// keep writes the notes of what changed.
func (x *Exchange) keep() {
	x.ledger.save()
	for _, p := range x.peers {
		p.place.keep()
	}
}

// intake is the door for what a peer has; it asks that peer first for what
// else is missing.
func (x *Exchange) intake(source *near) couch.Intake {
	return couch.Intake{
		Store: x.store, Blobs: x.config.Blobs, Gate: x.config.Gate, Source: source,
		Orphans: x.config.Orphans, From: source.Name,
	}
}

// client asks a peer about this space.
func (x *Exchange) client(p Peer) *couch.Client {
	way := x.config.HTTP
	if p.Rate > 0 {
		way = newThrottled(way, p.Rate)
	}
	return &couch.Client{
		URL: p.URL, Space: x.config.Space.Name, Secret: x.config.Secret, Box: x.config.Box,
		Store: x.store.Identity, HTTP: &http.Client{Transport: way}, Stall: 3 * x.config.Timing.Silence,
	}
}

// living returns the peers that can be asked now, the nearest first.
func (x *Exchange) living() []*peer {
	var living []*peer
	for _, p := range x.peers {
		if p.reachable() {
			living = append(living, p)
		}
	}
	sortByDistance(living)
	return living
}

// CatchUp takes what the living peers have and this box lacks. It gives up
// after Timing.CatchUp, or when ctx ends; what came until then stays.
func (x *Exchange) CatchUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, x.config.Timing.CatchUp)
	defer cancel()
	living := x.living()
	errs := make([]error, len(living))
	var all sync.WaitGroup
	for i, p := range living {
		all.Go(func() { errs[i] = p.catchUp(ctx) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// Copies returns the boxes with a durable copy of a revision, this one first
// if it holds it.
func (x *Exchange) Copies(id wiki.ID) []string {
	boxes := x.ledger.copies(id)
	if len(x.store.Missing([]wiki.ID{id})) == 0 {
		boxes = append([]string{x.config.Box}, boxes...)
	}
	return boxes
}
