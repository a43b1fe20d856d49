package wiki

import "slices"

// Graph answers questions about the ancestry of one page's revisions.
type Graph interface {
	// Parents returns the parents of a held revision and its place in an order
	// in which parents stand before their children. A revision that is not
	// held has no parents and order 0.
	Parents(id ID) (parents []ID, order uint64)
}

// CommonAncestors returns the latest revisions that both sides descend from,
// in ascending order: the common ancestors of a and b that are no ancestors of
// another common ancestor. Revisions count as their own ancestors. The answer
// depends on the ancestry alone, so every box that holds the same revisions
// finds the same one. Where a parent stands behind its child in the order (it
// was damaged and came again), an ancestor of another may be among them, which
// changes no merge.
func CommonAncestors(g Graph, a, b []ID) []ID {
	w := walk{graph: g, marks: map[ID]side{}, order: map[ID]uint64{}, queued: map[ID]bool{}}
	w.mark(a, sideA)
	w.mark(b, sideB)
	var common []ID
	for {
		id, ok := w.next()
		if !ok {
			break
		}
		m := w.marks[id]
		if m&both == both && m&stale == 0 {
			common = append(common, id)
			m |= stale // what lies below is an ancestor of this one
		}
		parents, _ := g.Parents(id)
		w.mark(parents, m)
	}
	common = slices.DeleteFunc(common, func(id ID) bool { return w.marks[id]&stale != 0 })
	return SortIDs(common)
}

type side byte

const (
	sideA side = 1 << iota
	sideB
	stale // an ancestor of a common ancestor already found
	both  = sideA | sideB
)

// walk visits revisions from the latest to the first, as git's merge-base does.
type walk struct {
	graph  Graph
	queue  []ID // ascending by order
	queued map[ID]bool
	marks  map[ID]side
	order  map[ID]uint64
}

// mark also visits again whoever was visited with fewer marks.
func (w *walk) mark(ids []ID, m side) {
	for _, id := range ids {
		old, seen := w.marks[id]
		if !seen {
			_, w.order[id] = w.graph.Parents(id)
		}
		if w.marks[id] = old | m; w.marks[id] != old && !w.queued[id] {
			w.enqueue(id)
		}
	}
}

func (w *walk) enqueue(id ID) {
	w.queued[id] = true
	at, _ := slices.BinarySearchFunc(w.queue, id, func(q, id ID) int {
		if d := int64(w.order[q]) - int64(w.order[id]); d != 0 {
			return int(max(-1, min(1, d)))
		}
		return q.Compare(id)
	})
	w.queue = slices.Insert(w.queue, at, id)
}

// next takes the latest queued revision, until only stale ones are left.
func (w *walk) next() (ID, bool) {
	if !slices.ContainsFunc(w.queue, func(id ID) bool { return w.marks[id]&stale == 0 }) {
		return ID{}, false
	}
	id := w.queue[len(w.queue)-1]
	w.queue = w.queue[:len(w.queue)-1]
	w.queued[id] = false
	return id, true
}
