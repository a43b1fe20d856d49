package union

import (
	"errors"
	"fmt"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
)

// standing renews the own store if a heartbeat shows that this disk is not the
// only one with its past. The error says that it should have, and cannot.
func (x *Exchange) standing(b couch.Heartbeat) error {
	identity := x.store.Identity()
	if b.Store == identity && b.Box != x.config.Box {
		return x.renew(identity, "another box has the same store identity", b.Box)
	}
	for _, place := range []string{b.Held, b.Seen} {
		if m, ok := couch.ParseMark(place); ok && m.Stand(x.store) == couch.Broken {
			return x.renew(identity, "a peer knows a place that this store has not", b.Box)
		}
	}
	return nil
}

// renew gives the store a new identity, once for each that turns out false.
func (x *Exchange) renew(from wiki.Identity, why, box string) error {
	x.renewing.Lock()
	defer x.renewing.Unlock()
	if x.store.Identity() != from {
		return nil // another heartbeat said so first
	}
	store, ok := x.store.(Renewer)
	if !ok {
		return fmt.Errorf("renew the store, because %s: %w", why, errors.ErrUnsupported)
	}
	fresh, err := x.ledger.renewed(store.Renew)
	if err != nil {
		return fmt.Errorf("renew the store, because %s: %w", why, err)
	}
	x.config.Log.Warn("this disk was restored or cloned: its store takes a new identity", "why", why, "peer", box,
		"old", from, "new", fresh)
	return nil
}
