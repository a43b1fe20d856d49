package appliance

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
	"github.com/argss/argss/wiki/mirror"
	"github.com/argss/argss/wiki/union"
)

// space is one space of the box: its set on disk and its exchange with peers.
type space struct {
	wiki.Space
	store     mirror.Set
	set       wiki.Store // the same, as everybody reads and writes it
	exchange  *union.Exchange
	orphans   *couch.Orphans
	transport http.RoundTripper // to the peers
	log       *slog.Logger
	repaired  func(wiki.ID) // told of each damaged revision that was written anew
}

// spaces are those a box holds. Which names belong to members is a matter of
// the owner's choice that is not there yet, so everything is public.
var spaces = []wiki.Space{wiki.Public, wiki.Keeper}

func (b *Box) openSpace(s wiki.Space) (*space, error) {
	log := b.log.With("space", s.Name)
	opened, err := b.openSet(s.Name, log)
	if err != nil {
		return nil, fmt.Errorf("open space %s: %w", s.Name, err)
	}
	set := wiki.Store(opened)
	if b.parts.Set != nil {
		set = b.parts.Set(s.Name, opened)
	}
	transport, orphans := b.parts.HTTP(), new(couch.Orphans)
	exchange := union.New(union.Config{
		Box: b.settings.Box, Space: s, Store: set, Blobs: b.blobs, Gate: b.gate(), Peers: b.peers(),
		Secret: b.settings.Secret, HTTP: transport, Now: b.parts.Now, Jitter: b.parts.Jitter, Log: log, Version: Version(),
		Orphans: orphans,
	})
	return &space{s, opened, set, exchange, orphans, transport, log, b.repaired(s.Name)}, nil
}

func (s *space) close() error {
	if t, ok := s.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
	return s.store.Close()
}

func (b *Box) gate() wiki.Gate {
	var g wiki.Gate
	for _, k := range b.settings.Keepers {
		key, err := hex.DecodeString(k)
		if err != nil {
			panic(fmt.Sprintf("keeper %q passed settings.Check: %v", k, err))
		}
		g.Keepers = append(g.Keepers, ed25519.PublicKey(key))
	}
	return g
}

func (b *Box) peers() []union.Peer {
	var peers []union.Peer
	for _, p := range b.settings.Peers {
		peers = append(peers, union.Peer{Name: p.Name, URL: p.URL, Rate: int64(p.Megabits) * 1e6 / 8})
	}
	return peers
}

func (s *space) database(blobs wiki.Blobs, gate wiki.Gate) couch.Database {
	return couch.Database{Space: s.Space, Store: s.set, Blobs: blobs, Gate: gate, Exchange: s.exchange, Orphans: s.orphans}
}
