package simulation

import (
	"fmt"
	"maps"
	"slices"
	"strings"
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
	Problems []string       // broken promises; none is what we want
	Calm     time.Duration  // from the end of the storm until all boxes agreed
	Trace    string         // hash of everything that happened, with its time
}

func (r Report) String() string {
	var faults []string
	for _, kind := range slices.Sorted(maps.Keys(r.Faults)) {
		faults = append(faults, fmt.Sprintf("%s %d", kind, r.Faults[kind]))
	}
	return fmt.Sprintf("seed %d: %d saves tried, %d acknowledged (%d alone), %d resent, %d refused; calm after %v; trace %s; faults: %s",
		r.Seed, r.Attempts, r.Acked, r.Alone, r.Resent, r.Refused, r.Calm.Round(time.Millisecond), r.Trace, strings.Join(faults, ", "))
}
