package monitor

import (
	"time"

	"github.com/argss/argss/disks"
)

// Policy is what the owner chose.
type Policy struct {
	SelfTests bool          // short ones each week, long ones each month
	SpinDown  time.Duration // of a disk nobody used for so long; 0: never
}

// State is what is known of a disk when it is decided what to do with it.
type State struct {
	Kind       disks.Kind
	Asked      time.Time // when it was last asked how it is, or found asleep
	Answered   time.Time // when it last said
	Worked     time.Time // when it last had something to do
	Tested     time.Time // when it last began a short test, or a long one
	TestedLong time.Time
	Asleep     bool
	Testing    bool
	Worn       bool // starting and stopping wears it already
}

// Step is what to do with a disk now.
type Step struct {
	Ask   bool
	Wake  bool // ask even if it sleeps
	Test  bool
	Long  bool
	Sleep bool
}

// How often a disk is asked. Flash does not mind; a spinning disk is asked
// while it turns anyway, and once a day whatever it does.
const (
	askNVMe  = 20 * time.Second
	askFlash = 5 * time.Minute
	askHDD   = 10 * time.Minute
	askEver  = disks.Day
	testLong = 30 * disks.Day
	test     = disks.Week
)

// Plan decides what to do with a disk now.
func (p Policy) Plan(s State, now time.Time) Step {
	var step Step
	step.Ask, step.Wake = s.ask(now)
	awake := !s.Asleep && !s.Testing && !s.Answered.IsZero()
	if p.SelfTests && awake && now.Sub(s.Worked) < askHDD {
		step.Long = now.Sub(s.TestedLong) >= testLong
		step.Test = step.Long || now.Sub(s.Tested) >= test
	}
	step.Sleep = p.SpinDown > 0 && s.Kind == disks.HDD && awake && !s.Worn && !step.Test && !step.Ask &&
		!s.Worked.IsZero() && now.Sub(s.Worked) >= p.SpinDown
	return step
}

func (s State) ask(now time.Time) (ask, wake bool) {
	since := now.Sub(s.Asked)
	switch s.Kind {
	case disks.NVMe:
		return since >= askNVMe, false
	case disks.HDD:
		if now.Sub(s.Answered) >= askEver && since >= askHDD && !s.Answered.IsZero() {
			return true, true
		}
		return since >= askHDD && (s.Worked.After(s.Asked) || s.Asked.IsZero()), false
	}
	return since >= askFlash, false
}
