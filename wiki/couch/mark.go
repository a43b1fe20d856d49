package couch

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/argss/argss/wiki"
)

// Mark is a place in one store's feed, as it travels.
type Mark struct {
	Seq   wiki.Seq
	Store wiki.Identity
	At    string // first digits of the ID numbered Seq; "" at 0
}

// markDigits is how much of the ID a mark repeats: enough that a store which
// was rolled back and went on differently never matches by chance.
const markDigits = 16

// MarkOf returns the place just after an entry of a store.
func MarkOf(store wiki.Identity, e wiki.Entry) Mark {
	return Mark{Seq: e.Seq, Store: store, At: e.ID.String()[:markDigits]}
}

// LatestMark returns the place after everything the store holds.
func LatestMark(store wiki.Store) Mark {
	identity := store.Identity()
	for _, e := range store.Before(0, 1) {
		return MarkOf(identity, e)
	}
	return Mark{Store: identity}
}

// String returns the wire form.
func (m Mark) String() string {
	if m.Seq == 0 {
		return "0-" + string(m.Store)
	}
	return fmt.Sprintf("%d-%s-%s", m.Seq, m.Store, m.At)
}

// ParseMark reads the wire form; ok is false for anything else.
func ParseMark(s string) (m Mark, ok bool) {
	number, rest, ok := strings.Cut(s, "-")
	n, err := strconv.ParseUint(number, 10, 63)
	if !ok || err != nil || rest == "" {
		return Mark{}, false
	}
	if n == 0 {
		return Mark{Store: wiki.Identity(rest)}, true
	}
	cut := strings.LastIndexByte(rest, '-')
	if cut < 1 || len(rest)-cut-1 != markDigits {
		return Mark{}, false
	}
	return Mark{Seq: wiki.Seq(n), Store: wiki.Identity(rest[:cut]), At: rest[cut+1:]}, true
}

// Standing says how a mark relates to a store.
type Standing int

// The standings of a mark.
const (
	Foreign  Standing = iota // of another store: it says nothing about this one
	Standard                 // a place in this store's feed
	Broken                   // of this store, but not of its present: the disk was rolled back or cloned
)

// Stand tells where a mark stands in a store.
func (m Mark) Stand(store wiki.Store) Standing {
	switch {
	case m.Store != store.Identity():
		return Foreign
	case m.Seq == 0:
		return Standard
	}
	for _, e := range store.Since(m.Seq-1, 1) {
		if MarkOf(m.Store, e) == m {
			return Standard
		}
	}
	return Broken
}

// place returns the sequence after which a reader with that since goes on.
func place(store wiki.Store, since string) wiki.Seq {
	m, ok := ParseMark(since)
	if !ok || m.Stand(store) != Standard {
		return 0
	}
	return m.Seq
}
