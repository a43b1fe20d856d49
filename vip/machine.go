package vip

import (
	"fmt"
	"math"
	"time"
)

// Never is the deadline of a machine that waits for an input only.
const Never = time.Duration(math.MaxInt64)

const (
	// reminders is how many adverts after a take-over carry an announcement.
	reminders = 3
	// grants is how often in one silence an overslept box doubts itself. It is
	// bounded because a box that always oversleeps may be the only one left.
	grants = 3
)

// Machine is one box's part in the election. It is not safe for concurrent
// use; one goroutine owns it. Make one with New.
type Machine struct {
	config   Config
	state    State
	now      time.Duration
	deadline time.Duration
	effects  []Effect

	demotion uint8 // what the owner said
	sending  sending
	taking   taking
	flips    flips
	pace     pace

	master   Sighting      // the one we follow; From is invalid if there is none
	owed     int           // announcements still to go out with the next adverts
	answered time.Duration // when a worse master was last put right
	guard    time.Duration // no take-over before this: we overslept
	granted  int           // how often guard was set in this silence

	last        Transition
	transitions int
}

// New makes a machine in state Init. It waits for a LinkUp. It panics on a
// configuration that Validate refuses.
func New(c Config) *Machine {
	if err := c.Validate(); err != nil {
		panic(fmt.Sprintf("vip.New(%+v): %v", c, err))
	}
	c = c.withDefaults()
	return &Machine{
		config:   c,
		deadline: Never,
		answered: -Never,
		flips:    flips{rule: c.HoldDown},
		pace:     pace{limit: c.Patience},
	}
}

// Step tells the machine what happened and what time it is. It returns the
// effects to perform, in order and owned by the caller, and the moment at
// which it wants a Tick, or Never. A later Step replaces that deadline.
//
// Now is the time since any fixed moment on a clock that only goes forward;
// wall clocks do not qualify. A now before the last one counts as the last.
func (m *Machine) Step(now time.Duration, in Input) ([]Effect, time.Duration) {
	m.now = max(m.now, now)
	m.effects = nil
	m.noticeStall()
	switch in := in.(type) {
	case Heard:
		m.hear(in)
	case Tick:
		m.tick()
	case LinkUp:
		m.linkUp()
	case LinkDown:
		m.leave("link down")
	case Demote:
		m.demote(in.To)
	case Taken:
		m.taken()
	case TakeFailed:
		m.takeFailed()
	case Sent:
		m.sending.worked()
	case SendFailed:
		m.sending.failed(m.now)
	case Stop:
		m.stop()
	default:
		panic(fmt.Sprintf("vip: unknown input %T", in))
	}
	return m.effects, m.deadline
}

// State is what this box is now.
func (m *Machine) State() State { return m.state }

// Last is the latest transition, and Transitions how many there were. Before
// the first one Last is the zero value.
func (m *Machine) Last() Transition { return m.last }

// Transitions counts the changes of state since New.
func (m *Machine) Transitions() int { return m.transitions }

// Following is the master this backup accepts; false if it knows of none.
func (m *Machine) Following() (Sighting, bool) { return m.master, m.master.From.IsValid() }

// Refused reports whether this box wants the address, or lately wanted it, and
// cannot take it. One refusal does not count: another box was quicker.
func (m *Machine) Refused() bool { return m.taking.refusals > 1 || m.now < m.taking.until }

// Advert is what this box says, or would say, about itself now.
func (m *Machine) Advert() Advert {
	total := int(m.demotion) + m.sending.demotion(m.now) + m.taking.demotion(m.now)
	return Advert{
		VHID:     m.config.VHID,
		Base:     m.config.Base,
		Skew:     m.config.Skew,
		Demotion: uint8(min(total, 255)),
	}
}

func (m *Machine) hear(h Heard) {
	// Our own advert, come back through a loop in the network, is no rival.
	if h.VHID != m.config.VHID || h.From == m.config.Source {
		return
	}
	if m.state != Init && !h.IsBowOut() {
		m.pace.heard(h.From, m.now, m.state == Master)
	}
	switch m.state {
	case Backup:
		m.hearAsBackup(h)
	case Master:
		m.hearAsMaster(h)
	}
}

func (m *Machine) tick() {
	if m.now < m.deadline {
		return
	}
	switch m.state {
	case Backup:
		m.takeOver()
	case Master:
		m.tickAsMaster()
	}
}

func (m *Machine) linkUp() {
	switch m.state {
	case Init:
		m.become(Backup, "link up")
		m.wait(m.dead())
	case Master:
		m.reassert()
	}
}

// demote tells a change at once rather than with the next advert: it is the
// whole time a planned handover takes.
func (m *Machine) demote(to uint8) {
	if to == m.demotion {
		return
	}
	m.demotion = to
	if m.state == Master {
		m.advertise()
	}
}

func (m *Machine) stop() {
	was := m.state
	m.leave("stopped")
	if was != Master {
		return // a backup's goodbye would make another backup take over a living master
	}
	for range 3 { // each may be lost, and nobody acknowledges
		m.do(Effect{Kind: Advertise, Advert: BowOut(m.config.VHID)})
	}
}

// leave drops the address first: nothing may come before that.
func (m *Machine) leave(reason string) {
	if m.state == Init {
		return
	}
	if m.state == Master {
		m.do(Effect{Kind: Drop})
	}
	m.become(Init, reason)
	m.deadline = Never
}

func (m *Machine) become(to State, reason string) {
	m.last = Transition{From: m.state, To: to, At: m.now, Reason: reason}
	m.transitions++
	m.state = to
	m.master = Sighting{}
	m.owed, m.granted, m.guard = 0, 0, 0
	m.taking = taking{until: m.taking.until}
}

func (m *Machine) do(e Effect) { m.effects = append(m.effects, e) }

func (m *Machine) advertise() { m.do(Effect{Kind: Advertise, Advert: m.Advert()}) }

func (m *Machine) wait(d time.Duration) { m.deadline = m.now + d }

func (m *Machine) interval() time.Duration { return m.config.Interval() }

func (m *Machine) dead() time.Duration { return m.config.DeadTime() * m.flips.stretch(m.now) }

// late is by how much the deadline was missed.
func (m *Machine) late() time.Duration {
	if m.deadline == Never {
		return 0
	}
	return max(0, m.now-m.deadline)
}
