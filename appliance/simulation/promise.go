package simulation

import (
	"slices"
	"strings"

	"github.com/argss/argss/wiki"
)

// opened notes the store of a run.
func (n *Node) opened(s wiki.Store) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.set = s
}

func (n *Node) store() wiki.Store {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.set
}

// knows tells whether a box's set has a revision.
func (n *Node) knows(id wiki.ID) bool { return len(n.store().Missing([]wiki.ID{id})) == 0 }

// saved checks that an acknowledged save is what was sent, on top of what its
// writer saw: nothing is merged unasked, and no head the writer followed is
// left out.
func (w *witness) saved(id wiki.ID, author, line string, q request, copies []string) {
	s := w.world.Box(copies[0]).store()
	r, err := s.Get(id)
	if err != nil {
		return // the disk has trouble of its own
	}
	if r.Header.Page != q.page || r.Header.Author != author || r.Header.Token != wiki.TokenHash(author, line) {
		w.tale.problem("the save %q of %q became another's: %+v", line, q.page, r.Header)
	}
	if r.Body != nil && (!q.merge && r.Body.Content != q.text || !strings.Contains(r.Body.Content, line+"\n")) {
		w.tale.problem("the save %q of %q does not say what was sent", line, q.page)
	}
	for _, head := range q.seen {
		seen, err := wiki.ParseHash(strings.TrimSpace(head))
		if err != nil {
			w.tale.problem("a head without a name: %q", head)
			return
		}
		if !slices.Contains(r.Header.Parents, seen) && (!q.merge || !descends(s, r, seen)) {
			w.tale.problem("the save %q of %q does not follow %s, which its writer saw", line, q.page, seen.Short())
		}
	}
}

// descends tells whether a revision has another among its ancestors.
func descends(s wiki.Store, r wiki.Revision, ancestor wiki.ID) bool {
	known := map[wiki.ID]bool{}
	for todo := slices.Clone(r.Header.Parents); len(todo) > 0; {
		id := todo[0]
		todo = todo[1:]
		if id == ancestor {
			return true
		}
		if e, err := s.Entry(id); err == nil && !known[id] {
			todo = append(todo, e.Header.Parents...)
		}
		known[id] = true
	}
	return false
}
