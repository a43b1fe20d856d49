package wiki

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
)

// ErrForbidden is what every refusal of a Gate wraps: the revision is well
// formed, but the space's rules do not admit it.
var ErrForbidden = errors.New("not admitted here")

// Gate decides which revisions may join a space. Every box of a wiki has the
// same gate, so that a revision one of them took is taken by all.
type Gate struct {
	Keepers []ed25519.PublicKey // who may sign erase records
}

// Admit checks what Parse cannot know from the bytes alone. Errors wrap
// ErrForbidden.
func (g Gate) Admit(r Revision) error {
	record := &r
	if r.Erased != nil {
		record = r.Erased
	}
	if record.Header.Kind != Erase {
		return nil
	}
	key := record.Body.Erasure.Key
	if !slices.ContainsFunc(g.Keepers, func(k ed25519.PublicKey) bool { return k.Equal(key) }) {
		return fmt.Errorf("%w: the erase record %s is not signed by a keeper of this wiki", ErrForbidden, record.ID.Short())
	}
	return nil
}
