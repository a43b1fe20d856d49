package couch

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/argss/argss/wiki"
)

// The headers by which paired boxes name themselves and their store, and say
// which sequence it had reached when it had taken a push.
const (
	BoxHeader   = "Argss-Box"
	StoreHeader = "Argss-Store"
	SeqHeader   = "Argss-Seq"
)

// Peer is a paired box as a request names it.
type Peer struct {
	Box   string
	Store wiki.Identity
}

// Person is somebody who is no box: an account, and the narrowest rule that
// admits it. The zero Person is a stranger.
type Person struct {
	Account string
	Rule    wiki.Rule
}

// caller is who asks.
type caller struct {
	paired bool
	peer   Peer
	person Person
	known  bool // this box has accounts, so person says who asks
}

func (h *Handler) caller(r *http.Request) caller {
	if paired(r, h.config.Secret) {
		return caller{paired: true, peer: peerOf(r)}
	}
	if h.config.Person == nil {
		return caller{}
	}
	return caller{person: h.config.Person(r), known: true}
}

// paired tells whether a request carries the pair secret. Hashing first makes
// the comparison's time independent of both lengths.
func paired(r *http.Request, secret string) bool {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || secret == "" {
		return false
	}
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(secret))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// peerOf reads who a paired box says it is; what is over-long is nobody.
func peerOf(r *http.Request) Peer {
	p := Peer{Box: r.Header.Get(BoxHeader), Store: wiki.Identity(r.Header.Get(StoreHeader))}
	if len(p.Box) > 64 || len(p.Store) > 64 {
		return Peer{}
	}
	return p
}

// may tells whether a rule admits the caller.
func (c caller) may(rule wiki.Rule) bool {
	return c.paired || rule != wiki.Boxes && rank(c.person.Rule) >= rank(rule)
}

func rank(rule wiki.Rule) int {
	switch rule {
	case wiki.Anyone, "":
		return 0
	case wiki.Members:
		return 1
	case wiki.Keepers:
		return 2
	}
	return 3
}
