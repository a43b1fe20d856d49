package wiki

import (
	"errors"
	"fmt"
)

// What a view may cost. Beyond what any wiki has, it is a conflict: a page
// can be given a history on which merging would never end.
const (
	maxFold   = 8   // how deep virtual bases nest: criss-cross merges of criss-cross merges
	maxFolded = 32  // heads that are merged
	maxJoins  = 256 // merges of two texts, those of virtual bases included
)

// folder merges the texts of several revisions of a page into one. Heads are
// taken in ascending order of ID and several common ancestors are folded into
// a virtual one first, so every box computes the same text.
type folder struct {
	store  Ancestry
	merger Merger
	page   string
	joins  int                // done so far
	bases  map[string]virtual // by the IDs that were folded
}

// virtual is a base that nobody wrote: common ancestors folded into one text.
type virtual struct {
	text  string
	clean bool
}

// fold returns the merged text and its type; clean is false where a person
// must decide.
func (f *folder) fold(ids []ID, depth int) (text, kind string, clean bool, err error) {
	if depth > maxFold || len(ids) > maxFolded {
		return "", "", false, nil
	}
	text, kind, clean, err = f.text(ids[0], depth)
	for i := 1; i < len(ids) && clean && err == nil; i++ {
		text, clean, err = f.join(text, kind, ids[:i], ids[i], depth)
	}
	return text, kind, clean, err
}

// join merges one more revision into the text folded from others.
func (f *folder) join(text, kind string, folded []ID, next ID, depth int) (string, bool, error) {
	other, otherKind, clean, err := f.text(next, depth)
	if f.joins++; err != nil || !clean || otherKind != kind && depth == 0 || f.joins > maxJoins {
		return "", false, err
	}
	base, clean, err := f.base(CommonAncestors(f, folded, []ID{next}), depth+1)
	if err != nil || !clean {
		return "", false, err
	}
	text, clean = f.merger.Merge(base, text, other)
	return text, clean, nil
}

// base folds common ancestors; texts without any grew from nothing. Each base
// is folded once: in criss-cross merges all of one layer share theirs.
func (f *folder) base(common []ID, depth int) (text string, clean bool, err error) {
	if len(common) == 0 {
		return "", true, nil
	}
	key := fmt.Sprint(depth, common)
	if b, known := f.bases[key]; known {
		return b.text, b.clean, nil
	}
	text, _, clean, err = f.fold(common, depth)
	if err == nil {
		f.bases[key] = virtual{text, clean}
	}
	return text, clean, err
}

// text returns an edit's text. Below the heads (depth > 0) a deletion or a
// file counts as the empty text; what was erased or is not held is not clean.
func (f *folder) text(id ID, depth int) (text, kind string, ok bool, err error) {
	r, err := f.store.Get(id)
	switch {
	case errors.Is(err, ErrNotFound):
		return "", "", false, nil
	case err != nil || r.Body == nil:
		return "", "", false, err
	case r.Header.Kind == Edit:
		return r.Body.Content, r.Body.Type, true, nil
	}
	return "", "", depth > 0, nil
}

// Parents implements Graph within the page: a rename's history is another
// page's.
func (f *folder) Parents(id ID) ([]ID, uint64) {
	e, err := f.store.Entry(id)
	if err != nil || e.Header.Page != f.page {
		return nil, 0
	}
	return e.Header.Parents, uint64(e.Seq)
}
