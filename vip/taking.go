package vip

import "time"

// taking is what a box knows of its attempts to take the address.
type taking struct {
	reason   string        // why it tries, kept until the answer comes
	rival    bool          // it tries because a living master is less fit
	refusals int           // failures in a row
	until    time.Duration // demoted for failing until then
}

const (
	// quickRefusals are followed by quick attempts and a claim each; the next
	// one demotes.
	quickRefusals = 4
	// refusedDemotion outweighs the small demotions of an unwell but working
	// box, since a box that cannot take the address cannot serve at all.
	refusedDemotion = 16
)

func (t *taking) demotion(now time.Duration) int {
	if now < t.until {
		return refusedDemotion
	}
	return 0
}

// takeOver asks for the address, unless we overslept and must listen first.
func (m *Machine) takeOver() {
	if m.taking.reason == "" {
		m.taking.reason, m.taking.rival = m.silence(), false
	}
	if m.now < m.guard {
		m.deadline = m.guard
		return
	}
	m.do(Effect{Kind: Take})
	m.wait(m.interval()) // should the answer never come
}

func (m *Machine) silence() string {
	if m.master.From.IsValid() {
		return "silence from " + m.master.From.String()
	}
	return "no master heard"
}

// taken announces before it advertises: clients wait for the first, only the
// other boxes for the second.
func (m *Machine) taken() {
	switch m.state {
	case Init: // the link went while we asked
		m.do(Effect{Kind: Drop})
		return
	case Master:
		return
	}
	m.flips.add(m.now)
	m.become(Master, m.taking.reason)
	m.taking.until = 0
	m.owed = reminders
	m.answered = m.now
	m.do(Effect{Kind: Announce})
	m.advertise()
	m.wait(m.interval())
}

// takeFailed tries again, soon at first and then every interval without end.
//
// Where only one box can hold the address at a time, as on the loopback link,
// a master that should yield still holds it while we ask. So the first
// failures also claim it: the advert makes a worse master let go, and the next
// attempt succeeds. Only when there was no living master, the first failure
// claims nothing: then another backup was quicker by a moment, and its advert
// is on the way.
//
// But a box that claims and then cannot take leaves the address to nobody.
// After a few failures it demotes itself and bows out, so that whoever yielded
// takes it back at once, and from then on it tries without claiming, for the
// case that it is the only one left.
func (m *Machine) takeFailed() {
	if m.state != Backup {
		return
	}
	m.taking.refusals++
	switch {
	case m.now < m.taking.until: // demoted already: try quietly
	case m.claiming():
		m.advertise()
	case m.taking.refusals <= quickRefusals:
	default:
		m.taking.until = m.now + m.config.HoldDown.Longest
		m.do(Effect{Kind: Advertise, Advert: BowOut(m.config.VHID)})
	}
	m.wait(m.interval() >> max(0, quickRefusals+1-m.taking.refusals))
}

// claiming reports whether we claim the address while we cannot have it. Then a
// worse master may be letting go at this moment.
func (m *Machine) claiming() bool {
	t := m.taking
	return m.now >= t.until && t.refusals <= quickRefusals && (t.refusals > 1 || t.refusals == 1 && t.rival)
}
