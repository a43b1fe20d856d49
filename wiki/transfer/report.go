package transfer

import (
	"fmt"
	"strings"
	"sync"
)

// Report is what an import did.
type Report struct {
	Created   int
	Updated   int
	Unchanged int
	Kept      []Note // the wiki's own version stays
	Skipped   []Note // what the wiki cannot hold
	Renamed   []Note // pages that could not have their plain name
	Hidden    int    // left out for the dot their names begin with
	Bytes     int64  // sent to the wiki, in pages and files created or updated
	Seconds   float64
}

// String says it in one line.
func (r Report) String() string {
	parts := []string{fmt.Sprintf("%d created, %d updated, %d unchanged", r.Created, r.Updated, r.Unchanged)}
	for _, p := range []struct {
		n    int
		what string
	}{{len(r.Kept), "kept as the wiki has them"}, {len(r.Skipped), "skipped"}, {r.Hidden, "hidden left out"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	return fmt.Sprintf("%s; %s in %.1f s", strings.Join(parts, ", "), size(float64(r.Bytes)), r.Seconds)
}

// tally is a Report that many workers write.
type tally struct {
	mu sync.Mutex
	Report
}

func (t *tally) count(v verdict, item Item, reason string, bytes int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch v {
	case create:
		t.Created++
		t.Bytes += bytes
	case update:
		t.Updated++
		t.Bytes += bytes
	case unchanged:
		t.Unchanged++
	case keep:
		t.Kept = append(t.Kept, Note{item.Path, reason})
	}
}

func (t *tally) skip(item Item, reason string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Skipped = append(t.Skipped, Note{item.Path, reason})
}
