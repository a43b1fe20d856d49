package wiki

import (
	"crypto/sha256"
	"fmt"
	"slices"
)

// State says what a reader finds under a page's name.
type State string

// The states of a page.
const (
	Absent   State = "absent"   // nothing was ever written
	Deleted  State = "deleted"  // every head is a deletion
	Text     State = "text"     // one text
	Merged   State = "merged"   // several heads whose texts combine; nobody saved the result yet
	Conflict State = "conflict" // several heads a person must look at
	Media    State = "file"     // an upload
	Moved    State = "moved"    // renamed; Target says where to
	Erased   State = "erased"   // the only head's body was erased
	Newer    State = "newer"    // written by a version of the software that knows more
)

// View is a page as it reads now: a pure function of its heads, their
// ancestors and the merge, the same on every box that holds them.
type View struct {
	Page    string
	State   State
	Tag     string     // see Tag
	Heads   []Revision // what the reader is shown, ascending by ID
	Parents []ID       // what a save on this view follows: its heads, ascending
	Type    string     // of Content
	Content string     // the text: the head's, the merge's, or in a conflict the first head's
}

// Exists tells whether a reader finds something under the name.
func (v View) Exists() bool { return v.State != Absent && v.State != Deleted }

// Tag returns the view tag: an opaque name for what a reader saw. It hashes
// the heads and the merge's version, because another merge may show another
// text for the same heads. 32 hexadecimal digits; "" is the tag of no heads.
func Tag(heads []ID, mergeVersion int) string {
	if len(heads) == 0 {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "argss view 1\nmerge %d\n", mergeVersion)
	for _, id := range SortIDs(slices.Clone(heads)) {
		fmt.Fprintf(h, "%s\n", id)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:16])
}

// Merger combines two texts that grew from one. Version changes whenever its
// answer for any input does. Merge tells whether the result is clean; it must
// be symmetric and fast on any input.
type Merger interface {
	Merge(base, a, b string) (text string, clean bool)
	Version() int
}

// Ancestry is what looking at a page needs of a store.
type Ancestry interface {
	Reader
	Shelf
}

// Look returns the view of a page. Errors are those of the store's Get.
func Look(s Ancestry, m Merger, page string) (View, error) {
	entries := s.Heads(page)
	ids := make([]ID, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	return LookAt(s, m, page, ids)
}

// LookAt returns the view a reader had when the page's heads were these. Of
// more heads than one save may join it is the view of the lowest, and the rest
// come when those are joined.
func LookAt(s Ancestry, m Merger, page string, heads []ID) (View, error) {
	v := View{Page: page, State: Absent, Parents: SortIDs(slices.Clone(heads))}
	v.Parents = v.Parents[:min(len(v.Parents), MaxParents)]
	for _, id := range v.Parents {
		r, err := s.Get(id)
		if err != nil {
			return View{}, fmt.Errorf("look at %q: %w", page, err)
		}
		v.Heads = append(v.Heads, r)
	}
	v.Heads = collapse(s, v.Heads)
	v.Tag = Tag(idsOf(v.Heads), m.Version())
	err := v.settle(s, m)
	return v, err
}

func idsOf(revisions []Revision) []ID {
	ids := make([]ID, len(revisions))
	for i, r := range revisions {
		ids[i] = r.ID
	}
	return ids
}

// settle decides the state from the heads.
func (v *View) settle(s Ancestry, m Merger) error {
	switch {
	case len(v.Heads) == 0:
		return nil
	case !slices.ContainsFunc(v.Heads, func(r Revision) bool { return r.Header.Kind != Delete }):
		v.State = Deleted
		return nil
	case alike(v.Heads):
		v.single(v.Heads[0])
		return nil
	}
	return v.combine(s, m)
}

// alike tells whether all heads say the same, whatever their comments: two
// people uploaded one picture, or both renamed the page to one name.
func alike(heads []Revision) bool {
	first := heads[0]
	return !slices.ContainsFunc(heads[1:], func(r Revision) bool {
		if r.Header.Kind != first.Header.Kind || r.Body == nil || first.Body == nil {
			return true
		}
		a, b := *r.Body, *first.Body
		a.Comment, b.Comment = "", ""
		return !SameContent(a, b)
	})
}

func (v *View) single(r Revision) {
	if r.Body == nil {
		v.State = Erased
		return
	}
	v.Type, v.Content = r.Body.Type, r.Body.Content
	switch r.Header.Kind {
	case Edit:
		v.State = Text
	case Upload:
		v.State = Media
	case Rename:
		v.State = Moved
	default:
		v.State = Newer
	}
}

// combine merges texts with texts; anything else beside an edit is shown and
// asked about.
func (v *View) combine(s Ancestry, m Merger) error {
	v.State = Conflict
	first := slices.IndexFunc(v.Heads, func(r Revision) bool { return r.Header.Kind == Edit && r.Body != nil })
	if first < 0 {
		return nil
	}
	v.Type, v.Content = v.Heads[first].Body.Type, v.Heads[first].Body.Content
	f := folder{store: s, merger: m, page: v.Page, bases: map[string]virtual{}}
	text, kind, clean, err := f.fold(idsOf(v.Heads), 0)
	if clean {
		v.State, v.Content, v.Type = Merged, text, kind
	}
	return err
}
