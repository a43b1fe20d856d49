// Package swap owns the guided replacement of a disk: which step it is at, what
// the box has to do in that step, and what the owner is told.
//
// It is a pure machine: Begin makes a swap, Next takes an event to the next
// state. What to do follows from the state alone (Task), so a box that was
// restarted in the middle loads the state and goes on. It promises that
//
//   - a disk is asked out only while all it holds is held elsewhere,
//   - and only after the owner has read its serial number from it,
//   - nothing is written to a disk that was here before, or that holds anything,
//   - a swap is done only when all that was copied has been read back.
//
// The state is kept as JSON (Save, Load).
package swap

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Step is where a swap stands.
type Step string

// The steps, in their order.
const (
	Confirm Step = "confirm"  // the disk shows itself; the owner types its serial number
	Release Step = "release"  // it is taken out of use
	TakeOut Step = "take-out" // the owner does
	PutIn   Step = "put-in"   // the owner puts the new one in
	BurnIn  Step = "burn-in"  // a short test, before anything relies on it
	Prepare Step = "prepare"  // partition and file system
	Refill  Step = "refill"   // from the other copy
	Verify  Step = "verify"   // all of it is read back
	Done    Step = "done"
	Given   Step = "given-up" // the owner changed their mind in time; the old disk goes back into use
)

// Disk is a disk in a bay.
type Disk struct {
	Serial string `json:"serial"`
	Model  string `json:"model"`
	Bay    string `json:"bay"`  // as the board's profile names it, "" if it does not
	Size   int64  `json:"size"` // bytes
}

// Swap is the state. Copy it freely.
type Swap struct {
	Step   Step     `json:"step"`
	Old    Disk     `json:"old"`
	New    Disk     `json:"new,omitzero"`
	Others []string `json:"others,omitempty"` // serials of the disks that stay
	Used   int64    `json:"used"`             // bytes that the new disk must hold
	Note   string   `json:"note,omitempty"`   // what went not as meant, one sentence
	Meter  Meter    `json:"meter,omitzero"`   // of the step
}

// Begin starts a swap of one of the disks that are present.
func Begin(old Disk, present []Disk, used int64) (Swap, error) {
	if old.Serial == "" {
		return Swap{}, fmt.Errorf("the disk has no serial number to tell it by")
	}
	s := Swap{Step: Confirm, Old: old, Used: used}
	found := 0
	for _, d := range present {
		if d.Serial == old.Serial {
			found++
		} else {
			s.Others = append(s.Others, d.Serial)
		}
	}
	if found != 1 {
		return Swap{}, fmt.Errorf("%d disks here have the serial number %s", found, old.Serial)
	}
	return s, nil
}

// Task is what the box does in a step, until it ends or the step changes.
type Task string

// The tasks.
const (
	Wait      Task = "wait"
	Blink     Task = "blink"     // the bay's light, or reading from the old disk
	Unmount   Task = "unmount"   // the old disk; Finished when nothing uses it
	TestNew   Task = "test"      // Finished with its outcome
	FormatNew Task = "format"    // Finished when mounted
	CopyToNew Task = "copy"      // Progress, Finished
	ReadNew   Task = "read-back" // Progress, Finished with what is missing
)

var tasks = map[Step]Task{Confirm: Blink, Release: Unmount, BurnIn: TestNew, Prepare: FormatNew, Refill: CopyToNew, Verify: ReadNew}

// Task returns what the box has to do now.
func (s Swap) Task() Task {
	if t, ok := tasks[s.Step]; ok {
		return t
	}
	return Wait
}

// Sentence tells the owner where the swap stands and what to do.
func (s Swap) Sentence() string {
	text := map[Step]string{
		Confirm: fmt.Sprintf("The disk to replace is %s. Its light blinks; type the last four signs of the serial number printed on it.", s.Old.place()),
		Release: "The disk is being taken out of use. Leave it in for a moment.",
		TakeOut: fmt.Sprintf("Take out %s now. The wiki stays open.", s.Old.place()),
		PutIn:   "Put the new disk in.",
		BurnIn:  "The new disk is being tested.",
		Prepare: "The new disk is being prepared.",
		Refill:  "The new disk is being filled from the other copy." + s.Meter.String(),
		Verify:  "All that was copied is being read back." + s.Meter.String(),
		Done:    "The new disk holds everything and was read back. Nothing more is to be done.",
		Given:   "Nothing was changed. The disk stays in use.",
	}[s.Step]
	return strings.TrimSpace(s.Note + " " + text)
}

func (d Disk) place() string {
	if d.Bay != "" {
		return fmt.Sprintf("the %s in bay %s", d.Model, d.Bay)
	}
	return "the " + d.Model
}

func (s Swap) known(serial string) bool {
	return serial == s.Old.Serial || slices.Contains(s.Others, serial)
}

// Meter is how far a long step has got.
type Meter struct {
	Done  int64     `json:"done"` // bytes
	Total int64     `json:"total"`
	first int64     // done when it began to be measured, since the box started
	since time.Time // when that was
	left  time.Duration
}

// advance takes a measurement. Time left counts from the first one of this run:
// what was done before a restart says nothing of the pace.
func (m Meter) advance(done, total int64, now time.Time) Meter {
	if m.since.IsZero() || done < m.first {
		m.since, m.first = now, done
	}
	m.Done, m.Total, m.left = done, total, 0
	if took := now.Sub(m.since); took > 0 && done > m.first && total > done {
		m.left = time.Duration(float64(took) / float64(done-m.first) * float64(total-done))
	}
	return m
}

// Left is the time the step still takes, 0 if that cannot be told yet.
func (m Meter) Left() time.Duration { return m.left }

func (m Meter) String() string {
	if m.Total <= 0 {
		return ""
	}
	text := fmt.Sprintf(" %d %% done", int(100*min(max(float64(m.Done)/float64(m.Total), 0), 1)))
	if m.left > 0 {
		text += fmt.Sprintf(", about %s left", words(m.left))
	}
	return text + "."
}

func words(d time.Duration) string {
	minutes := max(int(d.Round(time.Minute)/time.Minute), 1)
	switch {
	case minutes == 1:
		return "a minute"
	case minutes < 120:
		return fmt.Sprintf("%d minutes", minutes)
	default:
		return fmt.Sprintf("%d hours", (minutes+30)/60)
	}
}
