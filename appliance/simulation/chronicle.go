package simulation

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"slices"
	"sync"
	"time"
)

// chronicle collects what happens in a storm, from all goroutines. Events of
// one instant have no order, so they are sorted before they are written.
type chronicle struct {
	mu     sync.Mutex
	start  time.Time
	report Report
	trace  hash.Hash
	out    io.Writer // nil, or where every event is written
	now    time.Time
	lines  []string // of now
	broken func()   // called for a broken promise, unless nil
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
	if now := time.Now(); now != c.now {
		c.flush()
		c.now = now
	}
	c.lines = append(c.lines, fmt.Sprintf("%14.9f %s\n", time.Since(c.start).Seconds(), fmt.Sprintf(format, args...)))
}

func (c *chronicle) flush() {
	slices.Sort(c.lines)
	for _, line := range c.lines {
		io.WriteString(c.trace, line)
		if c.out != nil {
			io.WriteString(c.out, line)
		}
	}
	c.lines = nil
}

// fault counts an injected fault and records it.
func (c *chronicle) fault(kind, format string, args ...any) {
	c.count(func(r *Report) { r.Faults[kind]++ })
	c.note(kind+" "+format, args...)
}

// problem records a broken promise.
func (c *chronicle) problem(format string, args ...any) {
	c.note("PROBLEM "+format, args...)
	c.count(func(r *Report) { r.Problems = append(r.Problems, fmt.Sprintf(format, args...)) })
	if c.broken != nil {
		c.broken()
	}
}

// quiet tells whether no promise was broken so far.
func (c *chronicle) quiet() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.report.Problems) == 0
}

func (c *chronicle) count(f func(r *Report)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.report)
}

func (c *chronicle) finish() Report {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flush()
	slices.Sort(c.report.Problems)
	c.report.Trace = fmt.Sprintf("%x", c.trace.Sum(nil)[:8])
	return c.report
}
