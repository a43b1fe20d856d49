package receipt

import (
	"context"
	"crypto/ed25519"
	"slices"
	"time"

	"github.com/argss/argss/wiki"
)

// Others are the other boxes of the wiki. wiki/union implements it.
type Others interface {
	// Where asks all of them where a revision is. The answer names each, also
	// the silent ones, and comes within seconds.
	Where(ctx context.Context, id wiki.ID) []wiki.Whereabouts
}

// Office signs and checks the receipts of one space on one box. All fields are
// required.
type Office struct {
	Key    ed25519.PrivateKey // see KeyOf
	Box    string
	Space  string
	Store  wiki.Store
	Others Others
	Now    func() time.Time
}

// Sign returns the receipt for a save that was just acknowledged. Boxes whose
// older software told no sequence are left out.
func (o *Office) Sign(id wiki.ID, copies []wiki.Receipt) (Receipt, error) {
	copies = slices.DeleteFunc(slices.Clone(copies), func(c wiki.Receipt) bool { return c.Seq == 0 })
	return Sign(o.Key, o.Space, id, o.Now(), copies)
}

// Issue returns a receipt for a revision as it is copied now, found by asking
// all boxes. Errors wrap wiki.ErrNotFound if this box does not hold it: it signs
// for what it has seen itself.
func (o *Office) Issue(ctx context.Context, id wiki.ID) (Receipt, error) {
	var copies []wiki.Receipt
	for _, w := range o.where(ctx, id) {
		if w.Found == wiki.Held || w.Found == wiki.HeldErased {
			copies = append(copies, w.Receipt)
		}
	}
	if len(copies) == 0 || copies[0].Box != o.Box {
		return Receipt{}, wiki.ErrNotFound
	}
	return o.Sign(id, copies)
}

// where asks this box and all others.
func (o *Office) where(ctx context.Context, id wiki.ID) []wiki.Whereabouts {
	return append([]wiki.Whereabouts{wiki.Find(o.Box, o.Store, id)}, o.Others.Where(ctx, id)...)
}

// Check is what there is to say about a genuine receipt now.
type Check struct {
	Receipt
	Page string             // that was edited; "" where no asked box told
	Then []Copy             // the copies the receipt names
	Now  []wiki.Whereabouts // all boxes of the wiki, this one first
}

// Copy is one copy a receipt names, and whether what it says still counts.
type Copy struct {
	wiki.Receipt
	Fate Fate
}

// Fate is what became of a store that a receipt names.
type Fate string

// The fates. A receipt dies with the identity of the store: what lies on the
// box's disk now, only Check.Now tells.
const (
	Stands  Fate = "stands"  // the same store holds the revision
	Lost    Fate = "lost"    // the same store does not hold it, or cannot read it
	Renewed Fate = "renewed" // the box has another store: its disk was replaced, restored or cloned
	Unheard Fate = "unheard" // the box does not answer
	Left    Fate = "left"    // no box of that name belongs to the wiki any more
)

// Check looks for a genuine receipt in a text and asks all boxes where its
// revision is now. Errors are a Refusal.
func (o *Office) Check(ctx context.Context, text string) (Check, error) {
	r, err := ParseFrom(o.Key.Public().(ed25519.PublicKey), text)
	if err == nil && r.Space != o.Space {
		err = ErrForeign
	}
	if err != nil {
		return Check{}, err
	}
	c := Check{Receipt: r, Now: o.where(ctx, r.Revision)}
	if e, err := o.Store.Entry(r.Revision); err == nil {
		c.Page = e.Header.Page
	}
	for _, copied := range r.Copies {
		c.Then = append(c.Then, Copy{copied, fate(copied, c.Now)})
	}
	return c, nil
}

func fate(copied wiki.Receipt, now []wiki.Whereabouts) Fate {
	at := slices.IndexFunc(now, func(w wiki.Whereabouts) bool { return w.Box == copied.Box })
	if at < 0 {
		return Left
	}
	switch w := now[at]; {
	case w.Found == wiki.Silent:
		return Unheard
	case w.Store != copied.Store:
		return Renewed
	case w.Found == wiki.Held || w.Found == wiki.HeldErased:
		return Stands
	}
	return Lost
}

// Holders returns the boxes on which the revision was found, read and verified.
func (c Check) Holders() (boxes []string) {
	for _, w := range c.Now {
		if w.Found == wiki.Held || w.Found == wiki.HeldErased {
			boxes = append(boxes, w.Box)
		}
	}
	return boxes
}

// Erased tells whether some box answered that the revision's text was erased.
func (c Check) Erased() bool {
	return slices.ContainsFunc(c.Now, func(w wiki.Whereabouts) bool { return w.Found == wiki.HeldErased })
}
