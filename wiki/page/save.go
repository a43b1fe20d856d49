package page

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/argss/argss/wiki"
)

// Draft is what a person or a program wants to save.
type Draft struct {
	Page    string
	Kind    wiki.Kind      // "" is wiki.Edit
	Type    string         // "" is wiki.Markdown for an edit
	Content string         // of an edit
	Blobs   []wiki.BlobRef // of an upload, already stored; see Upload
	Size    int64          // of an upload
	Target  string         // of a rename
	Comment string
	Author  string // opaque
	Token   string // the idempotency key, "" for none
	Base    Base
	Merge   bool // on a stale base, merge if that is clean
}

// Saved is what became of a Draft.
type Saved struct {
	Revision  wiki.Revision
	View      wiki.View // of the page right after
	Created   bool      // the page did not exist before
	Replayed  bool      // the same save had been made before; nothing changed
	Unchanged bool      // the page says that already; nothing changed
	Merged    bool      // the draft was merged with what others wrote meanwhile
	Copies    []string  // boxes with a durable copy, the answering one first
	Alone     bool      // no other box answered: the only copy is here

	// Receipts are those of Copies. They come with a save that was made now, not
	// with one that changed nothing.
	Receipts []wiki.Receipt
}

// Why a save was refused. Also: wiki.ErrName, wiki.ErrReadOnly.
var (
	ErrTokenReused = errors.New("this idempotency key was used for a save with other content")
	ErrBaseNeeded  = errors.New("the page exists: say which version you have seen")
	ErrTooLarge    = errors.New("too large")
	ErrNotText     = errors.New("the text is not valid UTF-8")
)

// Stale says that the page is not what the writer saw. View is what it says
// now.
type Stale struct{ View wiki.View }

func (s *Stale) Error() string {
	if !s.View.Exists() {
		return fmt.Sprintf("the page %q does not exist (any more)", s.View.Page)
	}
	return fmt.Sprintf("the page %q was changed since you saw it", s.View.Page)
}

// Save makes a draft the next revision of its page and returns when it is
// durable here and, if another box is alive, on one of those.
func (p *Pages) Save(ctx context.Context, d Draft) (Saved, error) {
	if err := d.check(); err != nil {
		return Saved{}, err
	}
	release, err := p.locks.take(ctx, d.Page)
	if err != nil {
		return Saved{}, fmt.Errorf("wait for the page: %w", err)
	}
	defer release()
	if saved, known, err := p.replay(d); known || err != nil {
		return saved, err
	}
	view, merged, err := p.settle(ctx, &d)
	if err != nil {
		return Saved{}, err
	}
	if len(view.Parents) == 1 && says(view, d) && !d.keyed() {
		head := view.Heads[0]
		return Saved{Revision: head, View: view, Unchanged: true, Merged: merged, Copies: p.Copies(head.ID)}, nil
	}
	saved, err := p.write(ctx, d, view)
	saved.Merged = merged
	return saved, err
}

func (d *Draft) check() error {
	d.Kind = cmp.Or(d.Kind, wiki.Edit)
	if d.Kind == wiki.Edit {
		d.Type = cmp.Or(d.Type, wiki.Markdown)
	}
	if err := wiki.CheckName(d.Page); err != nil {
		return err
	}
	switch {
	case len(d.Content) > wiki.MaxText:
		return fmt.Errorf("%w: a text may have %d bytes, this one has %d", ErrTooLarge, wiki.MaxText, len(d.Content))
	case len(d.Comment) > wiki.MaxComment:
		return fmt.Errorf("%w: a summary may have %d bytes, this one has %d", ErrTooLarge, wiki.MaxComment, len(d.Comment))
	case !utf8.ValidString(d.Content) || !utf8.ValidString(d.Comment):
		return ErrNotText
	}
	return nil
}

// settle finds the view the save follows. Where the base is stale it first
// asks the living boxes, since the writer may have seen there what is unknown
// here, and then merges if the draft asks for that and it is clean.
func (p *Pages) settle(ctx context.Context, d *Draft) (view wiki.View, merged bool, err error) {
	view, err = p.View(d.Page)
	if err != nil || d.Base.fits(view) {
		return view, false, err
	}
	if d.Base.kind == baseUnsaid {
		return view, false, ErrBaseNeeded
	}
	past, known := p.past(d.Base, d.Page)
	if !known && (d.Base.kind == baseTag || d.Base.kind == baseHeads) {
		// A failed CatchUp leaves the base unknown, which the answer says.
		_ = p.Publisher.CatchUp(ctx)
		if view, err = p.View(d.Page); err != nil || d.Base.fits(view) {
			return view, false, err
		}
		past, known = p.past(d.Base, d.Page)
	}
	if !known || !d.Merge {
		return view, false, &Stale{view}
	}
	return view, true, p.mergeStale(d, past, view)
}

// mergeStale replaces the draft's text by its merge with the view.
func (p *Pages) mergeStale(d *Draft, past []wiki.ID, view wiki.View) error {
	text, clean, err := p.mergeWith(*d, past, view)
	if err != nil {
		return err
	}
	if !clean {
		return &Stale{view}
	}
	d.Content = text
	return nil
}

func (p *Pages) mergeWith(d Draft, past []wiki.ID, view wiki.View) (text string, clean bool, err error) {
	base, err := wiki.LookAt(p.Store, p.Merger, d.Page, past)
	if err != nil || d.Kind != wiki.Edit || !plain(base) || !plain(view) || view.Type != d.Type {
		return "", false, err
	}
	text, clean = p.Merger.Merge(base.Content, d.Content, view.Content)
	return text, clean && len(text) <= wiki.MaxText, nil
}

// plain tells whether the view is one text.
func plain(v wiki.View) bool { return v.State == wiki.Text || v.State == wiki.Merged }

// says tells whether the view already reads as the draft would.
func says(v wiki.View, d Draft) bool {
	body := v.Heads[0].Body
	if body == nil || v.Heads[0].Header.Kind != d.Kind {
		return false
	}
	mine := d.body()
	mine.Comment = body.Comment
	return wiki.SameContent(mine, *body)
}

// keyed tells whether the save must leave a revision even if it changes no
// text: its key is known to the other boxes by that alone. The key of a form
// guards against a second click, for which the heads it is based on suffice.
func (d Draft) keyed() bool { return d.Token != "" && d.Base.kind != baseHeads }

func (d Draft) body() wiki.Body {
	return wiki.Body{Type: d.Type, Comment: d.Comment, Content: d.Content, Blobs: d.Blobs, Size: d.Size, Target: d.Target}
}

// write makes the revision that follows all heads of the view.
func (p *Pages) write(ctx context.Context, d Draft, view wiki.View) (Saved, error) {
	salt, err := wiki.NewSalt(p.Random)
	if err != nil {
		return Saved{}, err
	}
	r, err := wiki.New(wiki.Header{
		Page: d.Page, Parents: view.Parents, Author: d.Author, Kind: d.Kind,
		Time: max(0, p.Now().UnixMilli()), Token: wiki.TokenHash(d.Author, d.Token),
	}, d.body(), salt)
	if err != nil {
		return Saved{}, fmt.Errorf("save %q: %w", d.Page, err)
	}
	ack, err := p.Publisher.Publish(ctx, r)
	if err != nil {
		return Saved{}, fmt.Errorf("save %q: %w", d.Page, err)
	}
	after, err := wiki.Look(just{p.Store, r}, p.Merger, d.Page)
	return Saved{Revision: r, View: after, Created: !view.Exists(), Copies: ack.Copies, Alone: ack.Alone, Receipts: ack.Receipts}, err
}

// just is a store whose reader has the revision at hand that was written just
// now: it need not be read back from the disk to be shown.
type just struct {
	wiki.Store
	written wiki.Revision
}

// Get implements wiki.Reader. What was erased in the meantime is not at hand.
func (j just) Get(id wiki.ID) (wiki.Revision, error) {
	if id != j.written.ID {
		return j.Store.Get(id)
	}
	if e, err := j.Store.Entry(id); err != nil || e.Erased {
		return j.Store.Get(id)
	}
	return j.written, nil
}
