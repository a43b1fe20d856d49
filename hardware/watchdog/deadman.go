// Package watchdog decides whether the hardware watchdog is fed, and feeds it.
//
// The timer is fed only while every part that the box cannot do without says
// that it gets on. A part that is merely alive, but stuck, says nothing, and the
// board resets itself: better a box that boots than one that looks well.
package watchdog

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Part is something that must report progress.
type Part struct {
	Name  string
	Every time.Duration // longest silence that is no fault
	Start time.Duration // longest silence before its first report
}

// Deadman holds who reported when. It is a value of one goroutine.
type Deadman struct {
	parts []Part
	began time.Time
	last  map[string]time.Time
}

// New begins to wait for the parts.
func New(parts []Part, now time.Time) *Deadman {
	return &Deadman{parts: slices.Clone(parts), began: now, last: map[string]time.Time{}}
}

// Progress records that a part got on. A name nobody waits for is ignored.
func (d *Deadman) Progress(name string, now time.Time) {
	if now.After(d.last[name]) && slices.ContainsFunc(d.parts, func(p Part) bool { return p.Name == name }) {
		d.last[name] = now
	}
}

// Decision is whether to feed, and if not, because of whom.
type Decision struct {
	Feed   bool
	Silent []string // parts that have not reported in time, in their order
	Reason string   // one sentence, empty when fed
}

// Decide judges the silence at a time. Times must carry Go's monotonic clock:
// a box without a battery sets its clock while it runs.
func (d *Deadman) Decide(now time.Time) Decision {
	var silent, words []string
	for _, p := range d.parts {
		since, limit := d.began, p.Start
		if last, reported := d.last[p.Name]; reported {
			since, limit = last, p.Every
		}
		if silence := now.Sub(since); silence > limit {
			silent = append(silent, p.Name)
			words = append(words, fmt.Sprintf("%s has been silent for %v, %v is allowed", p.Name, silence.Round(time.Second), limit))
		}
	}
	return Decision{Feed: len(silent) == 0, Silent: silent, Reason: strings.Join(words, "; ")}
}
