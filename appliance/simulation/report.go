package simulation

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Report is what became of one storm.
type Report struct {
	Seed     uint64
	Faults   map[string]int // by kind, as really injected
	Attempts int            // saves asked for, without resent ones
	Acked    int            // saves answered with success
	Alone    int            // of those, acknowledged by one box only
	Resent   int            // requests sent again, to any box
	Refused  int            // 4xx: stale bases and the like
	Files    int            // uploads acknowledged
	Erased   int            // erase records taken
	Problems []string       // broken promises; none is what we want
	Calm     time.Duration  // from the end of the storm until all boxes agreed
	Trace    string         // hash of everything that happened, with its time
}

func (r Report) String() string {
	return fmt.Sprintf("seed %d: %d broken promises; %d saves tried, %d acknowledged (%d alone), %d resent, %d refused; %d files, %d erased; calm after %v; trace %s; faults: %s",
		r.Seed, len(r.Problems), r.Attempts, r.Acked, r.Alone, r.Resent, r.Refused, r.Files, r.Erased, r.Calm.Round(time.Millisecond), r.Trace, listed(r.Faults))
}

func listed(faults map[string]int) string {
	var all []string
	for _, kind := range slices.Sorted(maps.Keys(faults)) {
		all = append(all, fmt.Sprintf("%s %d", kind, faults[kind]))
	}
	return strings.Join(all, ", ")
}

// Sum is what became of many storms. It is safe for concurrent use.
type Sum struct {
	mu     sync.Mutex
	storms int
	broken int
	saves  int
	acked  int
	files  int
	erased int
	faults map[string]int
}

// Add counts one storm.
func (s *Sum) Add(r Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.faults == nil {
		s.faults = map[string]int{}
	}
	s.storms++
	s.saves += r.Attempts
	s.acked += r.Acked
	s.files += r.Files
	s.erased += r.Erased
	if len(r.Problems) > 0 {
		s.broken++
	}
	for kind, n := range r.Faults {
		s.faults[kind] += n
	}
}

func (s *Sum) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	total := 0
	for _, n := range s.faults {
		total += n
	}
	return fmt.Sprintf("%d storms, %d with broken promises; %d saves tried, %d acknowledged; %d files, %d erased; %d faults: %s",
		s.storms, s.broken, s.saves, s.acked, s.files, s.erased, total, listed(s.faults))
}
