package swap

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Event is something that happened.
type Event interface{ apply(Swap) Swap }

// Typed is what the owner typed, and whether all the disk holds is also held
// elsewhere at this moment, verified and in reach.
type Typed struct {
	Serial    string
	Elsewhere bool
}

// Present is what disks there are now. Blank are the serial numbers of those
// that package format finds blank or half prepared: only they may be written to.
// On is its sentence about one that is not.
type Present struct {
	Disks []Disk
	Blank []string
	On    string
}

// Progress is how far a long task has got, in bytes.
type Progress struct {
	Done, Total int64
	Now         time.Time
}

// Finished ends a task: Trouble is why it failed, one sentence, or "". Missing
// counts what reading back did not find whole.
type Finished struct {
	Task    Task
	Trouble string
	Missing int
}

// GiveUp is the owner's wish to stop.
type GiveUp struct{}

// Next takes an event to the next state. An event that does not fit the step
// changes nothing.
func Next(s Swap, e Event) Swap { return e.apply(s) }

func (s Swap) at(step Step, note string) Swap {
	s.Step, s.Note, s.Meter = step, note, Meter{}
	return s
}

func (e Typed) apply(s Swap) Swap {
	typed, serial := tidy(e.Serial), tidy(s.Old.Serial)
	const enough = 4
	switch {
	case s.Step != Confirm:
		return s
	case !e.Elsewhere:
		return s.at(Confirm, "Not all pages of this disk are on another one yet. Wait until they are.")
	case typed != serial && (len(typed) < enough || !strings.HasSuffix(serial, typed)):
		return s.at(Confirm, "This is not the serial number of the disk to replace.")
	default:
		return s.at(Release, "")
	}
}

// tidy is a serial number without what people and printers add to it.
func tidy(serial string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '.' {
			return -1
		}
		return r
	}, strings.ToUpper(serial))
}

func (e Present) apply(s Swap) Swap {
	switch s.Step {
	case Release, TakeOut:
		return e.takeOut(s)
	case PutIn:
		return e.putIn(s)
	case BurnIn, Prepare, Refill, Verify:
		if !e.has(s.New.Serial) {
			return s.at(PutIn, "The new disk is gone. Put it in again, or another one.").without()
		}
	}
	return s
}

func (s Swap) without() Swap {
	s.New = Disk{}
	return s
}

func (e Present) has(serial string) bool {
	for _, d := range e.Disks {
		if d.Serial == serial {
			return true
		}
	}
	return false
}

func (e Present) takeOut(s Swap) Swap {
	for _, other := range s.Others {
		if !e.has(other) {
			return s.at(s.Step, fmt.Sprintf("The disk %s is gone, which is not the one to replace. Put it back.", other))
		}
	}
	if !e.has(s.Old.Serial) {
		return s.at(PutIn, "")
	}
	return s.at(s.Step, "")
}

// putIn takes the first disk that was not here before.
func (e Present) putIn(s Swap) Swap {
	if e.has(s.Old.Serial) {
		return s.at(PutIn, "This is the old disk. Take it out again.")
	}
	for _, d := range e.Disks {
		switch {
		case d.Serial == "" || s.known(d.Serial):
			continue
		case d.Size < s.Used:
			return s.at(PutIn, "This disk is too small for what it has to hold.")
		case !slices.Contains(e.Blank, d.Serial):
			return s.at(PutIn, e.On)
		default:
			s.New = d
			return s.at(BurnIn, "")
		}
	}
	return s
}

func (e Progress) apply(s Swap) Swap {
	if s.Step == Refill || s.Step == Verify {
		s.Meter = s.Meter.advance(e.Done, e.Total, e.Now)
	}
	return s
}

func (e Finished) apply(s Swap) Swap {
	if e.Task != s.Task() {
		return s
	}
	if e.Trouble != "" {
		return s.trouble(e.Trouble)
	}
	switch s.Step {
	case Release:
		return s.at(TakeOut, "")
	case BurnIn:
		return s.at(Prepare, "")
	case Prepare:
		return s.at(Refill, "")
	case Refill:
		return s.at(Verify, "")
	case Verify:
		if e.Missing > 0 {
			return s.at(Refill, fmt.Sprintf("%d pieces were not found whole and are copied again.", e.Missing))
		}
		return s.at(Done, "")
	}
	return s
}

// trouble is a failed task: a new disk that fails its test or its formatting is
// no disk to keep; a copy that stops goes on by itself.
func (s Swap) trouble(why string) Swap {
	switch s.Step {
	case BurnIn, Prepare:
		bad := s.New.Serial
		s = s.at(PutIn, why+" Take the new disk out and try another one.").without()
		s.Others = append(s.Others[:len(s.Others):len(s.Others)], bad)
		return s
	default:
		return s.at(s.Step, why)
	}
}

func (GiveUp) apply(s Swap) Swap {
	if s.Step == Confirm || s.Step == Release || s.Step == TakeOut {
		return s.at(Given, "")
	}
	return s
}
