package union

import (
	"sync"
	"time"

	"github.com/argss/argss/wiki"
)

// Limp says how far this box is from the promise of two copies.
type Limp struct {
	Active   bool      // no peer lives, or a revision has no second copy
	Since    time.Time // zero unless Active
	Uncopied int       // revisions that no peer is known to hold
}

// limpWatch remembers since when things are as they are, nothing else.
type limpWatch struct {
	mu     sync.Mutex
	lonely time.Time // since when no peer lives; zero: one does
	first  wiki.Seq  // the first revision without a second copy
	seen   time.Time // since when it is the first
}

func (w *limpWatch) begin(now time.Time) { w.lonely = now }

// Limp computes the state of this moment. Between an own sync and the first
// receipt every save is uncopied: Since tells what lasts from what passes.
func (x *Exchange) Limp() Limp {
	uncopied, first := x.ledger.uncopied()
	lives := false
	for _, p := range x.peers {
		lives = lives || p.living()
	}
	now := x.config.Now()
	w := &x.limp
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case lives:
		w.lonely = time.Time{}
	case w.lonely.IsZero():
		w.lonely = now
	}
	if first != w.first {
		w.first, w.seen = first, now
	}
	l := Limp{Active: !lives || uncopied > 0, Uncopied: uncopied}
	switch {
	case !lives:
		l.Since = w.lonely
	case uncopied > 0:
		l.Since = w.seen
	}
	return l
}
