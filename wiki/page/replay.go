package page

import (
	"fmt"

	"github.com/argss/argss/wiki"
)

// replay answers a draft whose token was seen before: with the save it made,
// or with ErrTokenReused when that save was another one.
func (p *Pages) replay(d Draft) (saved Saved, known bool, err error) {
	entries := p.Store.Saves(wiki.TokenHash(d.Author, d.Token))
	for _, e := range entries {
		r, err := p.Store.Get(e.ID)
		if err != nil {
			return Saved{}, false, fmt.Errorf("look up an earlier save: %w", err)
		}
		same, err := p.made(r, d)
		if err != nil {
			return Saved{}, false, err
		}
		if same {
			saved, err := p.again(r)
			return saved, true, err
		}
	}
	if len(entries) > 0 {
		return Saved{}, false, ErrTokenReused
	}
	return Saved{}, false, nil
}

// made tells whether the draft made r: it says the same, or its merge with
// what stood there then does. An erased save is taken for the same, since
// what it said is gone for good.
func (p *Pages) made(r wiki.Revision, d Draft) (bool, error) {
	switch {
	case r.Header.Page != d.Page || r.Header.Kind != d.Kind:
		return false, nil
	case r.Body == nil || wiki.SameContent(*r.Body, d.body()):
		return true, nil
	case !d.Merge:
		return false, nil
	}
	past, known := p.past(d.Base, d.Page)
	if !known {
		return false, nil
	}
	then, err := wiki.LookAt(p.Store, p.Merger, d.Page, r.Header.Parents)
	if err != nil {
		return false, err
	}
	text, clean, err := p.mergeWith(d, past, then)
	return clean && text == r.Body.Content && d.Comment == r.Body.Comment, err
}

// again describes a save that was made before.
func (p *Pages) again(r wiki.Revision) (Saved, error) {
	then, err := wiki.LookAt(p.Store, p.Merger, r.Header.Page, r.Header.Parents)
	if err != nil {
		return Saved{}, err
	}
	now, err := p.View(r.Header.Page)
	if err != nil {
		return Saved{}, err
	}
	copies := p.Copies(r.ID)
	return Saved{
		Revision: r, View: now, Created: !then.Exists(), Replayed: true,
		Copies: copies, Alone: len(copies) < 2,
	}, nil
}
