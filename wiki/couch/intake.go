package couch

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/argss/argss/wiki"
)

// Errors that refuse a revision for now: sent again with what it lacks, it is
// taken. All other refusals wrap wiki.ErrForbidden and are for ever.
var (
	ErrUnknownParent = errors.New("a parent is not known here nor on any live peer")
	ErrUnknownBlob   = errors.New("a piece of the file is not known here nor on any live peer")
)

// Source finds on live peers what a batch lacks. What it returns is verified
// against the hash; what cannot be found in good time is left out.
type Source interface {
	Fetch(ctx context.Context, ids []wiki.ID) []wiki.Revision
	FetchBlob(ctx context.Context, hash wiki.Hash) ([]byte, error)
}

// Intake is the one door through which others' revisions enter a store. It
// keeps the set's two rules: what is held has its parents held, and the pieces
// of its files.
type Intake struct {
	Store  wiki.Store
	Blobs  wiki.Blobs // nil: pieces of files are not asked for
	Gate   wiki.Gate
	Source Source                                               // nil: nobody to ask
	Add    func(ctx context.Context, rs ...wiki.Revision) error // nil: Store.Add

	Orphans *Orphans // keeps what lacks parents; nil: it must be sent again
	From    string   // the box that sends, "" for outsiders
}

// Refusal says why one revision was not taken.
type Refusal struct {
	ID  wiki.ID
	Err error
}

// maxFetched bounds the ancestors one batch makes a box ask for.
const maxFetched = 10_000

// Take makes the admissible ones of revisions durable, parents first, and says
// why it refused the others. It asks the Source for parents and pieces that
// are missing. An error means that nothing was added.
//
// What lacks a parent is refused, and kept aside within bounds: should the
// parent come, from whomever, it joins.
func (in Intake) Take(ctx context.Context, revisions []wiki.Revision) ([]Refusal, error) {
	b, err := in.take(ctx, revisions)
	if err != nil {
		return nil, err
	}
	if in.Orphans != nil {
		b.hold()
		for from, waited := range in.Orphans.Claim(b.ordered) {
			in.From = from
			if late, err := in.take(ctx, waited); err == nil { // else their senders offer them again
				late.hold()
			}
		}
	}
	return b.refusals(), nil
}

// take adds what it can of revisions.
func (in Intake) take(ctx context.Context, revisions []wiki.Revision) (*batch, error) {
	b := &batch{in: in, revisions: map[wiki.ID]wiki.Revision{}, refused: map[wiki.ID]error{}, placed: map[wiki.ID]bool{}}
	b.admit(revisions)
	b.complete(ctx)
	for _, id := range b.ids {
		b.place(ctx, id)
	}
	if b.failure != nil {
		return nil, b.failure
	}
	return b, in.add(ctx, b.ordered)
}

// hold keeps aside what was refused for want of parents.
func (b *batch) hold() {
	for _, id := range b.ids {
		if !errors.Is(b.refused[id], ErrUnknownParent) {
			continue
		}
		r := b.revisions[id]
		missing := slices.DeleteFunc(slices.Clone(r.Header.Parents), func(p wiki.ID) bool { return b.placed[p] })
		b.in.Orphans.Hold(b.in.From, r, b.in.Store.Missing(missing))
	}
}

func (in Intake) add(ctx context.Context, revisions []wiki.Revision) error {
	if len(revisions) == 0 {
		return nil
	}
	if in.Add != nil {
		return in.Add(ctx, revisions...)
	}
	_, err := in.Store.Add(ctx, revisions...)
	return err
}

// batch is one Take on its way.
type batch struct {
	in        Intake
	ids       []wiki.ID // of revisions, as they came
	revisions map[wiki.ID]wiki.Revision
	refused   map[wiki.ID]error
	missing   map[wiki.ID]bool // parents neither held nor in the batch
	placed    map[wiki.ID]bool
	ordered   []wiki.Revision // parents first
	failure   error           // of this box's own disk
}

// admit lets in what is new and passes the gate. The record that erased a body
// joins as a revision of its own.
func (b *batch) admit(revisions []wiki.Revision) {
	candidates := make([]wiki.Revision, 0, len(revisions))
	for _, r := range revisions {
		if r.Erased != nil {
			candidates = append(candidates, *r.Erased)
		}
		candidates = append(candidates, r)
	}
	fresh := map[wiki.ID]bool{}
	for _, id := range b.in.Store.Missing(idsOf(candidates)) {
		_, twice := b.revisions[id]
		fresh[id] = !twice && b.refused[id] == nil
	}
	for _, r := range candidates {
		if !fresh[r.ID] {
			continue
		}
		fresh[r.ID] = false
		if err := b.in.Gate.Admit(r); err != nil {
			b.refused[r.ID] = err
			continue
		}
		b.ids = append(b.ids, r.ID)
		b.revisions[r.ID] = r
	}
}

// complete asks the source for parents, and theirs, until none is missing or
// no more can be found.
func (b *batch) complete(ctx context.Context) {
	for fetched, from := 0, 0; ; {
		absent := b.absentParents(b.ids[from:])
		from = len(b.ids)
		if len(absent) == 0 || b.in.Source == nil || fetched+len(absent) > maxFetched {
			break
		}
		fetched += len(absent)
		b.admit(b.in.Source.Fetch(ctx, absent))
	}
	b.missing = map[wiki.ID]bool{}
	for _, id := range b.absentParents(b.ids) {
		b.missing[id] = true
	}
}

// absentParents returns the parents of ids that are neither held nor here.
func (b *batch) absentParents(ids []wiki.ID) []wiki.ID {
	var parents []wiki.ID
	for _, id := range ids {
		for _, p := range b.revisions[id].Header.Parents {
			if _, here := b.revisions[p]; !here {
				parents = append(parents, p)
			}
		}
	}
	return b.in.Store.Missing(wiki.SortIDs(parents))
}

// place puts a revision behind its parents and tells whether it may be added.
func (b *batch) place(ctx context.Context, id wiki.ID) bool {
	r, here := b.revisions[id]
	if !here || b.placed[id] {
		return here || !b.missing[id]
	}
	if b.refused[id] != nil {
		return false
	}
	for _, p := range r.Header.Parents {
		if !b.place(ctx, p) {
			b.refused[id] = fmt.Errorf("%w: %s", ErrUnknownParent, p)
			return false
		}
	}
	if err := b.pieces(ctx, r); err != nil {
		b.refused[id] = err
		return false
	}
	b.placed[id] = true
	b.ordered = append(b.ordered, r)
	return true
}

// refusals are sorted, so that the same batch always gets the same answer.
func (b *batch) refusals() []Refusal {
	refusals := make([]Refusal, 0, len(b.refused))
	for id, err := range b.refused {
		refusals = append(refusals, Refusal{id, err})
	}
	slices.SortFunc(refusals, func(a, b Refusal) int { return a.ID.Compare(b.ID) })
	return refusals
}

// pieces makes sure the pieces of a file are held.
func (b *batch) pieces(ctx context.Context, r wiki.Revision) error {
	if b.in.Blobs == nil || r.Body == nil {
		return nil
	}
	for _, ref := range r.Body.Blobs {
		if b.in.Blobs.HasBlob(ref.Hash) {
			continue
		}
		data, err := b.in.piece(ctx, ref)
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrUnknownBlob, ref.Hash, err)
		}
		if _, err := b.in.Blobs.PutBlob(ctx, data); err != nil {
			b.failure = fmt.Errorf("keep piece %s: %w", ref.Hash.Short(), err)
			return b.failure
		}
	}
	return nil
}

func (in Intake) piece(ctx context.Context, ref wiki.BlobRef) ([]byte, error) {
	if in.Source == nil {
		return nil, wiki.ErrNotFound
	}
	data, err := in.Source.FetchBlob(ctx, ref.Hash)
	if err == nil && int64(len(data)) != ref.Size {
		return nil, fmt.Errorf("%d bytes long, not %d", len(data), ref.Size)
	}
	return data, err
}

func idsOf(revisions []wiki.Revision) []wiki.ID {
	ids := make([]wiki.ID, len(revisions))
	for i, r := range revisions {
		ids[i] = r.ID
	}
	return ids
}
