package household

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/argss/argss/appliance/dashboard"
	"github.com/argss/argss/wiki"
)

// ledger counts what the visitor saw. It is safe for concurrent use.
type ledger struct {
	mu      sync.Mutex
	unplugs int
	touched time.Time // when a plug was last pulled or put back
	saves   int

	lastRead time.Time // zero before the first
	excused  bool      // since lastRead there was a time without twins
	worst    time.Duration

	// Acknowledged revisions: open ones are to be asked for, settled ones were
	// on every box since the last unplug.
	open    map[wiki.ID]bool
	settled []wiki.ID
	waiting int
	lost    int
}

func newLedger(now time.Time) *ledger {
	return &ledger{touched: now, open: map[wiki.ID]bool{}}
}

// unplugged counts a pulled plug. What was settled is open again: the box may
// not bring back what it had.
func (l *ledger) unplugged(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unplugs++
	l.touched = now
	for _, id := range l.settled {
		l.open[id] = true
	}
	l.settled = nil
}

// replugged notes that a plug was put back.
func (l *ledger) replugged(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.touched = now
}

// excuse takes the gap that lasts out of the count: no twin was plugged in.
func (l *ledger) excuse() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.excused = true
}

// read counts a successful read.
func (l *ledger) read(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.lastRead.IsZero() && !l.excused {
		l.worst = max(l.worst, now.Sub(l.lastRead))
	}
	l.lastRead, l.excused = now, false
}

// saved counts an acknowledged save.
func (l *ledger) saved(id wiki.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.saves++
	l.open[id] = true
}

// pace is how long to wait before the next save: see the package comment.
func (l *ledger) pace(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case now.Sub(l.touched) > 10*time.Minute:
		return time.Minute
	case l.saves > 1800:
		return 10 * time.Second
	}
	return time.Second
}

// inquiry is the open revisions at one moment, with the number of unplugs by
// then.
type inquiry struct {
	ids     []wiki.ID
	unplugs int
}

func (l *ledger) inquire() inquiry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return inquiry{slices.SortedFunc(maps.Keys(l.open), wiki.ID.Compare), l.unplugs}
}

// finding is what the boxes said to an inquiry. Boxes that are unplugged, or
// did not answer, are not among missing.
type finding struct {
	missing []map[wiki.ID]bool // of each box that answered
	whole   bool               // all boxes answered
	agree   bool               // and hold the same set
}

// found enters what the boxes said.
func (l *ledger) found(q inquiry, f finding) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost, l.waiting = 0, 0
	for _, id := range q.ids {
		copies := 0
		for _, m := range f.missing {
			if !m[id] {
				copies++
			}
		}
		switch {
		case f.whole && copies == len(f.missing) && q.unplugs == l.unplugs:
			delete(l.open, id)
			l.settled = append(l.settled, id)
		case copies > 0:
		case f.whole && f.agree:
			l.lost++
		default:
			l.waiting++
		}
	}
}

// currentGap is how long reads must have failed to be worth a word.
const currentGap = 200 * time.Millisecond

// figures returns what the pages and the terminal show.
func (l *ledger) figures(now time.Time) dashboard.Ledger {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := dashboard.Ledger{
		Unplugs: l.unplugs, Saves: l.saves, Lost: l.lost, Waiting: l.waiting,
		WorstGapMS: l.worst.Milliseconds(),
	}
	if gap := now.Sub(l.lastRead); !l.lastRead.IsZero() && gap > currentGap {
		f.CurrentGapMS = gap.Milliseconds()
	}
	return f
}
