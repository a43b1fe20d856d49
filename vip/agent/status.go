package agent

import (
	"net/netip"
	"slices"
	"time"

	"github.com/argss/argss/vip"
)

// Status is what an agent knows of itself and of the master.
type Status struct {
	State       vip.State
	Since       time.Time // of the state; zero before the first change
	Reason      string    // why it changed last
	Transitions int       // changes since New
	Demotion    uint8     // as advertised: the owner's, and what the agent adds for its own failures

	Master      netip.Addr // this box itself if master; invalid if none is known
	MasterHeard time.Time  // when it last spoke; zero for ourselves
	TakeError   error      // why this box wants the address and cannot take it, nil if all is well
}

// Status is a copy of the state after the last thing that happened.
func (a *Agent) Status() Status {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.status
}

// Change is one change of state, as people read it.
type Change struct {
	At       time.Time
	From, To vip.State
	Reason   string
}

// mostChanges are remembered: enough to see what a bad night was like.
const mostChanges = 16

// History is the latest changes of state, oldest first.
func (a *Agent) History() []Change {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.history)
}

func (a *Agent) remember(t vip.Transition) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.history) == mostChanges {
		a.history = append(a.history[:0], a.history[1:]...)
	}
	a.history = append(a.history, Change{a.origin.Add(t.At), t.From, t.To, t.Reason})
}

func (a *Agent) publish() {
	last := a.machine.Last()
	s := Status{
		State:       a.machine.State(),
		Reason:      last.Reason,
		Transitions: a.machine.Transitions(),
		Demotion:    a.machine.Advert().Demotion,
	}
	if a.machine.Refused() {
		s.TakeError = a.refusal
	}
	if s.Transitions > 0 {
		s.Since = a.origin.Add(last.At)
	}
	if s.State == vip.Master {
		s.Master = a.config.Machine.Source
	} else if m, ok := a.machine.Following(); ok {
		s.Master, s.MasterHeard = m.From, a.origin.Add(m.At)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status = s
}
