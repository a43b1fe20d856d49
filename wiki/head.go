package wiki

import "slices"

// Entry is what an index knows of a revision without reading its body.
type Entry struct {
	Seq    Seq
	ID     ID
	Header Header
	Erased bool
}

// SameSave tells whether two revisions are one save that two boxes recorded: a
// browser resent a POST to the twin. Token hash, page, kind, parents and
// content agree; salt and time do not count.
func SameSave(a, b Revision) bool {
	if a.Header.Token == "" || a.Header.Token != b.Header.Token || a.Body == nil || b.Body == nil {
		return false
	}
	return a.Header.Page == b.Header.Page && a.Header.Kind == b.Header.Kind &&
		slices.Equal(a.Header.Parents, b.Header.Parents) && SameContent(*a.Body, *b.Body)
}

// SameContent tells whether two bodies say the same. Comments count.
func SameContent(a, b Body) bool {
	return a.Type == b.Type && a.Comment == b.Comment && a.Content == b.Content &&
		a.Size == b.Size && a.Target == b.Target && slices.Equal(a.Blobs, b.Blobs)
}

// Heads returns the heads of one page: its revisions that no other of them
// names as a parent, in ascending order. Erase records are of the page but not
// in its ancestry.
func Heads(page []Entry) []ID {
	followed := map[ID]bool{}
	for _, e := range page {
		for _, p := range e.Header.Parents {
			followed[p] = true
		}
	}
	var heads []ID
	for _, e := range page {
		if e.Header.Kind != Erase && !followed[e.ID] {
			heads = append(heads, e.ID)
		}
	}
	return SortIDs(heads)
}
