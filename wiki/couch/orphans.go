package couch

import (
	"slices"
	"sync"

	"github.com/argss/argss/wiki"
)

// Orphans keeps revisions aside whose parents are not held yet, and gives them
// back when those come. They are in memory only and no part of the set: whoever
// sent them was told that they are not taken. What one sender may leave is
// bounded, so that none can push out what others left or fill the box. The zero
// Orphans is empty; its methods are safe for concurrent use.
type Orphans struct {
	mu      sync.Mutex
	left    map[string]*leavings // by sender
	waiting map[wiki.ID][]orphan // by a parent that is missing
	byID    map[wiki.ID]orphan
}

// orphan is one revision and who left it.
type orphan struct {
	wiki.Revision
	from string
}

// leavings are what one sender left, the oldest first.
type leavings struct {
	ids   []wiki.ID
	bytes int
}

// The bounds: what senders leave, and how many are told apart. All further ones
// share the bounds of outsiders, who are nobody in particular.
const (
	maxOrphans     = 1000
	maxOrphanBytes = 4 << 20
	maxSenders     = 8
)

// Hold keeps a revision aside until one of the missing parents comes. It makes
// room by letting go of what the same sender left longest ago.
func (o *Orphans) Hold(from string, r wiki.Revision, missing []wiki.ID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, held := o.byID[r.ID]; held || len(missing) == 0 || len(r.Document()) > maxOrphanBytes {
		return
	}
	if o.left == nil {
		o.left, o.waiting, o.byID = map[string]*leavings{}, map[wiki.ID][]orphan{}, map[wiki.ID]orphan{}
	}
	if o.left[from] == nil && len(o.left) >= maxSenders {
		from = ""
	}
	l := o.left[from]
	if l == nil {
		l = &leavings{}
	}
	for len(l.ids) > 0 && (len(l.ids) >= maxOrphans || l.bytes+len(r.Document()) > maxOrphanBytes) {
		o.drop(l.ids[0])
	}
	kept := orphan{r, from}
	o.byID[r.ID] = kept
	l.ids, l.bytes = append(l.ids, r.ID), l.bytes+len(r.Document())
	o.left[from] = l
	for _, parent := range missing {
		o.waiting[parent] = append(o.waiting[parent], kept)
	}
}

// drop forgets a revision. Where it is waited for, all of its parents are
// looked at: which of them were missing is not remembered.
func (o *Orphans) drop(id wiki.ID) {
	gone := o.byID[id]
	delete(o.byID, id)
	for _, parent := range gone.Header.Parents {
		rest := slices.DeleteFunc(o.waiting[parent], func(w orphan) bool { return w.ID == id })
		if o.waiting[parent] = rest; len(rest) == 0 {
			delete(o.waiting, parent)
		}
	}
	l := o.left[gone.from]
	l.ids = slices.DeleteFunc(l.ids, func(other wiki.ID) bool { return other == id })
	if l.bytes -= len(gone.Document()); len(l.ids) == 0 {
		delete(o.left, gone.from)
	}
}

// Claim takes out what waited for revisions that came, and what waited for
// those, by who left it. Other parents may still be missing: who takes them in
// looks again.
func (o *Orphans) Claim(came []wiki.Revision) map[string][]wiki.Revision {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.byID) == 0 {
		return nil
	}
	ready := map[string][]wiki.Revision{}
	for came = slices.Clone(came); len(came) > 0; came = came[1:] {
		for _, w := range slices.Clone(o.waiting[came[0].ID]) {
			ready[w.from] = append(ready[w.from], w.Revision)
			came = append(came, w.Revision)
			o.drop(w.ID)
		}
	}
	return ready
}

// Count returns how many revisions are kept aside.
func (o *Orphans) Count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.byID)
}
