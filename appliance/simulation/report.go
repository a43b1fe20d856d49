package simulation

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
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
	Problems []string       // broken promises; none is what we want
	Calm     time.Duration  // from the end of the storm until all boxes agreed
	Trace    string         // hash of everything that happened, with its time
}

func (r Report) String() string {
	var faults []string
	for _, kind := range slices.Sorted(maps.Keys(r.Faults)) {
		faults = append(faults, fmt.Sprintf("%s %d", kind, r.Faults[kind]))
	}
	return fmt.Sprintf("seed %d: %d saves tried, %d acknowledged (%d alone), %d resent, %d refused; calm after %v; faults: %s",
		r.Seed, r.Attempts, r.Acked, r.Alone, r.Resent, r.Refused, r.Calm.Round(time.Millisecond), strings.Join(faults, ", "))
}

// chronicle collects what happens in a storm, from all goroutines.
type chronicle struct {
	mu     sync.Mutex
	start  time.Time
	report Report
	trace  hash.Hash
	out    io.Writer // nil, or where every event is written
}

func newChronicle(seed uint64, out io.Writer) *chronicle {
	return &chronicle{
		start:  time.Now(),
		report: Report{Seed: seed, Faults: map[string]int{}},
		trace:  sha256.New(),
		out:    out,
	}
}

// note records an event with its virtual time.
func (c *chronicle) note(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	line := fmt.Sprintf("%14.9f %s\n", time.Since(c.start).Seconds(), fmt.Sprintf(format, args...))
	io.WriteString(c.trace, line)
	if c.out != nil {
		io.WriteString(c.out, line)
	}
}

// fault counts an injected fault and records it.
func (c *chronicle) fault(kind, format string, args ...any) {
	c.mu.Lock()
	c.report.Faults[kind]++
	c.mu.Unlock()
	c.note(kind+" "+format, args...)
}

// problem records a broken promise.
func (c *chronicle) problem(format string, args ...any) {
	c.note("PROBLEM "+format, args...)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.report.Problems = append(c.report.Problems, fmt.Sprintf(format, args...))
}

func (c *chronicle) count(f func(r *Report)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.report)
}

func (c *chronicle) finish() Report {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.report.Trace = fmt.Sprintf("%x", c.trace.Sum(nil)[:8])
	return c.report
}
