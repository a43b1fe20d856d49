package union

import (
	"time"

	"github.com/argss/argss/wiki"
)

// PeerStatus is a peer as this box knows it now.
type PeerStatus struct {
	Name      string
	URL       string
	Alive     bool
	LastHeard time.Time     // zero: never since the start
	RoundTrip time.Duration // of a heartbeat, typically; 0: unknown
	Lag       int           // revisions of ours that it is not known to hold
	Store     wiki.Identity
	Digest    wiki.Digest // as last heard
	Version   string
}

// Peers returns the state of all peers, in the order of the settings.
func (x *Exchange) Peers() []PeerStatus {
	all := make([]PeerStatus, len(x.peers))
	for i, p := range x.peers {
		lag := x.ledger.lag(p.Name)
		p.mu.Lock()
		all[i] = PeerStatus{
			Name: p.Name, URL: p.URL, Alive: p.alive, LastHeard: p.shown, RoundTrip: p.beat.typical(), Lag: lag,
			Store: p.facts.Store, Digest: p.facts.Digest, Version: p.facts.Version,
		}
		p.mu.Unlock()
	}
	return all
}
