package wiki

import (
	"context"
	"errors"
	"fmt"
)

// Seq numbers the revisions of one store in the order it took them: 1, 2, 3…
// A number means something only beside the store's Identity.
type Seq uint64

// Identity names one store on one disk. A restored or cloned disk takes a new
// one before it serves, so that no peer believes it still holds what it lost.
type Identity string

// Errors a store answers with; callers ask with errors.Is.
var (
	ErrNotFound = errors.New("not held here")
	ErrDamaged  = errors.New("the copy on this disk is damaged")
	ErrReadOnly = errors.New("this disk takes no more writes")
	ErrClosed   = errors.New("the store is closed")

	// Both are ErrReadOnly as well, and end by themselves when room is made.
	ErrFull  = fmt.Errorf("%w: it is full", ErrReadOnly)
	ErrQuota = fmt.Errorf("%w: the room given to this space is used up", ErrReadOnly)
)

// Receipt says that a box holds everything its store numbered up to Seq. It
// dies with the store's identity.
type Receipt struct {
	Box   string   `json:"box"`
	Store Identity `json:"store"`
	Seq   Seq      `json:"seq"`
}

// Store is one space's set of revisions on one disk. All methods are safe for
// concurrent use. What it returns is verified against its hash.
type Store interface {
	Identity() Identity
	Adder
	Reader
	Feed
	Shelf
	Prover
	Notes
	Close() error
}

// Adder takes revisions.
type Adder interface {
	// Add makes revisions durable and returns the highest sequence among them.
	// It blocks until one sync has covered them all; concurrent calls share
	// syncs. Adding a held revision again changes nothing. A revision that a
	// held record erases is kept without its body; adding an erase record
	// drops the bodies it names. A batch is taken whole or, on error, reported
	// as a whole; parents need not be held. Errors wrap ErrReadOnly when the
	// disk is full or failing.
	Add(ctx context.Context, revisions ...Revision) (Seq, error)
}

// Reader finds revisions by ID.
type Reader interface {
	// Get returns a revision, verified. ErrNotFound, ErrDamaged.
	Get(id ID) (Revision, error)
	// Entry returns what the index knows of id, or ErrNotFound.
	Entry(id ID) (Entry, error)
	// Missing returns those of ids that are not held, in the order given.
	Missing(ids []ID) []ID
	// Children returns held revisions that name id as a parent, ascending.
	Children(id ID) []ID
	// Saves returns the held revisions whose header carries a token hash.
	Saves(tokenHash string) []Entry
}

// Feed tells what is new.
type Feed interface {
	// Latest returns the highest sequence, 0 for an empty store.
	Latest() Seq
	// Since returns up to limit entries numbered above since, ascending.
	Since(since Seq, limit int) []Entry
	// Before returns up to limit entries numbered below before (0: from the
	// latest), descending.
	Before(before Seq, limit int) []Entry
	// Wait blocks until Latest is above since; it returns ctx's error if that
	// ends first, ErrClosed when the store closes.
	Wait(ctx context.Context, since Seq) error
}

// Shelf finds revisions by page.
type Shelf interface {
	// Heads returns the heads of a page, ascending by ID; none: no such page.
	Heads(page string) []Entry
	// History returns up to limit revisions of a page numbered below before
	// (0: from the latest), descending; erase records included.
	History(page string, before Seq, limit int) []Entry
	// Pages returns up to limit names above after that begin with prefix, in
	// byte order, of pages that have a head other than a deletion.
	Pages(prefix, after string, limit int) []string
	// Shape changes whenever a page comes into being or goes: what was said
	// about the existence of pages under one shape holds as long as it lasts.
	Shape() uint64
}

// Prover proves equality and finds differences.
type Prover interface {
	// Digest returns the digest over all held IDs and their number.
	Digest() (Digest, uint64)
	// Branches returns the digest tree's nodes, or the leaves below one.
	Branches(prefix ...byte) [Fanout]Digest
	// Bucket returns the held IDs that begin with two bytes, ascending.
	Bucket(prefix [2]byte) []ID
}

// Notes keeps small values beside the set, of this box alone: checkpoints and
// receipts (CouchDB's _local documents). They survive a restart, but a crash
// may bring back an older value, so they may only claim less than is true.
type Notes interface {
	// Note returns a value, nil when there is none.
	Note(key string) []byte
	// SetNote stores a value; nil removes it.
	SetNote(key string, value []byte)
}

// Blobs holds pieces of files by their content, on one disk.
type Blobs interface {
	// PutBlob makes data (1 to MaxBlob bytes) durable and returns its hash.
	PutBlob(ctx context.Context, data []byte) (Hash, error)
	// Blob returns a piece, verified: ErrNotFound, ErrDamaged.
	Blob(hash Hash) ([]byte, error)
	// HasBlob tells whether a piece is held, without reading it.
	HasBlob(hash Hash) bool
}

// Acknowledgement says who made a save durable before it was answered.
type Acknowledgement struct {
	Copies   []string  // boxes with a durable copy, the answering one first
	Receipts []Receipt // of the same boxes, in that order
	Alone    bool      // no other box answered: the only copy is here
}
