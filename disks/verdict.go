// Package disks is the heart of disk health: it turns an observation of a disk
// into a verdict with reasons, as a pure function.
//
// So far a disk is judged by what the file system and the store on it tell:
// room left, refused writes, damage found. Unknown is never good.
package disks

import (
	"fmt"
	"slices"
	"time"
)

// Grade orders how well a disk is, from the best to the worst.
type Grade int

// The grades. Unknown stands above Good: a disk nobody has looked at is worse
// than one known to be well.
const (
	Good Grade = iota
	Unknown
	Watch   // works; something wants a look within days
	Replace // works; replace it soon
	Failed  // does not do its work
)

var gradeNames = [...]string{"good", "unknown", "watch", "replace", "failed"}

func (g Grade) String() string {
	if g < 0 || int(g) >= len(gradeNames) {
		return fmt.Sprintf("Grade(%d)", int(g))
	}
	return gradeNames[g]
}

// MarshalText writes the grade's word.
func (g Grade) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText reads the grade's word.
func (g *Grade) UnmarshalText(text []byte) error {
	i := slices.Index(gradeNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("%q is no grade of a disk", text)
	}
	*g = Grade(i)
	return nil
}

// Observation is what was seen of one disk at one time.
type Observation struct {
	At         time.Time // zero: never observed
	Free       int64     // bytes that can still be written, negative if not known
	WriteError string    // why the last write or sync was refused, "" if it was not
	Damaged    int       // pieces of data found damaged and not yet repaired
}

// Reason is one finding behind a verdict.
type Reason struct {
	Code  string `json:"code"` // for programs: write-error, full, space, damage, stale
	Grade Grade  `json:"grade"`
	Text  string `json:"text"` // one sentence for the owner
}

// Verdict is the judgement of a disk: the worst of its reasons.
type Verdict struct {
	Grade   Grade    `json:"grade"`
	Reasons []Reason `json:"reasons,omitempty"`
}

// Thresholds of room, in bytes: below LowSpace the owner is told; below
// NoSpace the box keeps what is left for copies from its peers.
const (
	LowSpace = 512 << 20
	NoSpace  = 64 << 20
)

// Stale is how old an observation may be before nothing is known any more.
const Stale = 5 * time.Minute

// Judge returns the verdict on a disk at a time.
func Judge(o Observation, now time.Time) Verdict {
	var v Verdict
	if o.At.IsZero() || now.Sub(o.At) > Stale {
		v.add("stale", Unknown, "This disk has not been looked at lately.")
	}
	if o.WriteError != "" {
		v.add("write-error", Failed, "This disk refuses writes ("+o.WriteError+"). Pages can be read; replace the disk.")
	}
	switch {
	case o.Free < 0:
		v.add("space", Unknown, "The room left on this disk is not known.")
	case o.Free < NoSpace:
		v.add("full", Failed, "This disk is full. Pages can be read; saving goes on when there is room again.")
	case o.Free < LowSpace:
		v.add("space", Watch, fmt.Sprintf("Only %d MB are left on this disk.", o.Free>>20))
	}
	if o.Damaged > 0 {
		v.add("damage", Watch, fmt.Sprintf("%d damaged pieces of data wait to be repaired from another box.", o.Damaged))
	}
	return v
}

func (v *Verdict) add(code string, g Grade, text string) {
	v.Reasons = append(v.Reasons, Reason{code, g, text})
	v.Grade = max(v.Grade, g)
}
