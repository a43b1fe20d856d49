package household

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/argss/argss/appliance/dashboard"
	"github.com/argss/argss/wiki"
)

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func at(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }

func id(n byte) wiki.ID { return wiki.ID{0: n} }

func none(...wiki.ID) map[wiki.ID]bool { return map[wiki.ID]bool{} }

func without(ids ...wiki.ID) map[wiki.ID]bool {
	m := map[wiki.ID]bool{}
	for _, i := range ids {
		m[i] = true
	}
	return m
}

func TestWorstGapIsBetweenTwoSuccessfulReads(t *testing.T) {
	l := newLedger(start)
	for _, ms := range []int{100, 150, 520, 570} {
		l.read(at(ms))
	}
	want := dashboard.Ledger{WorstGapMS: 370}
	if diff := cmp.Diff(want, l.figures(at(600))); diff != "" {
		t.Error(diff)
	}
	if got := l.figures(at(5570)).CurrentGapMS; got != 5000 {
		t.Errorf("after 5 s without a read the current gap is %d ms", got)
	}
}

func TestGapWithoutTwinsDoesNotCount(t *testing.T) {
	l := newLedger(start)
	l.read(at(0))
	l.excuse()
	l.read(at(60_000))
	l.read(at(60_300))
	if got := l.figures(at(60_300)).WorstGapMS; got != 300 {
		t.Errorf("worst gap %d ms, want 300", got)
	}
}

// TestSavesAreLostOnlyWhenNoBoxHasThem goes through what boxes may answer
// about the two acknowledged saves 1 and 2.
func TestSavesAreLostOnlyWhenNoBoxHasThem(t *testing.T) {
	both := without(id(1), id(2))
	for _, c := range []struct {
		name          string
		finding       finding
		lost, waiting int
	}{
		{"all have all", finding{[]map[wiki.ID]bool{none(), none(), none()}, true, true}, 0, 0},
		{"one has them", finding{[]map[wiki.ID]bool{both, none(), both}, true, false}, 0, 0},
		{"one is away and none of the others has them", finding{[]map[wiki.ID]bool{both, both}, false, false}, 0, 2},
		{"one is away and one has one", finding{[]map[wiki.ID]bool{without(id(1)), both}, false, false}, 0, 1},
		{"all are up and still differ", finding{[]map[wiki.ID]bool{both, both, both}, true, false}, 0, 2},
		{"all are up, agree, and none has one", finding{[]map[wiki.ID]bool{without(id(2)), without(id(2)), without(id(2))}, true, true}, 1, 0},
		{"nobody answers", finding{}, 0, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLedger(start)
			l.saved(id(1))
			l.saved(id(2))
			l.found(l.inquire(), c.finding)
			want := dashboard.Ledger{Saves: 2, Lost: c.lost, Waiting: c.waiting}
			if diff := cmp.Diff(want, l.figures(start)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEveryUnplugOpensWhatWasSettled(t *testing.T) {
	l := newLedger(start)
	l.saved(id(1))
	everywhere := finding{[]map[wiki.ID]bool{none(), none(), none()}, true, true}
	l.found(l.inquire(), everywhere)
	if open := l.inquire().ids; len(open) != 0 {
		t.Errorf("%d revisions are open though every box has them", len(open))
	}
	l.unplugged(at(1))
	q := l.inquire()
	if len(q.ids) != 1 {
		t.Fatalf("%d revisions are open after an unplug, want 1", len(q.ids))
	}
	l.unplugged(at(2)) // while the boxes were asked
	l.found(q, everywhere)
	if open := l.inquire().ids; len(open) != 1 {
		t.Errorf("settled by answers from before the unplug")
	}
}

func TestPaceSlowsDown(t *testing.T) {
	for _, c := range []struct {
		name  string
		saves int
		quiet time.Duration
		want  time.Duration
	}{
		{"at first", 0, 0, time.Second},
		{"after half an hour of play", 1801, time.Second, 10 * time.Second},
		{"when nobody plays", 10, 11 * time.Minute, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLedger(start)
			l.saves = c.saves
			if got := l.pace(start.Add(c.quiet)); got != c.want {
				t.Errorf("pace %v, want %v", got, c.want)
			}
		})
	}
}
