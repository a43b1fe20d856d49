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
	// quickRefusals are followed by quick attempts, and by claims if there is a
	// rival; the next one demotes a box that claimed.
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
// a master that should yield still holds it while we ask. So we claim it: the
// advert makes the less fit master let go, and the next attempt succeeds. But a
// box that claims and then cannot take leaves the address to nobody. After a
// few failures it demotes itself and bows out, so that whoever yielded takes it
// back at once, and from then on it tries quietly.
//
// Where there was only silence, nothing is claimed. Either another backup was
// quicker by a moment and its advert is on the way, or the silent master still
// holds the address: then it is alive, or its kernel is, and a claim read by a
// process that stalled would move the address for nothing.
func (m *Machine) takeFailed() {
	if m.state != Backup {
		return
	}
	m.taking.refusals++
	switch {
	case !m.taking.rival || m.now < m.taking.until: // quietly
	case m.taking.refusals <= quickRefusals:
		m.advertise()
	default:
		m.taking.until = m.now + m.config.HoldDown.Longest
		m.do(Effect{Kind: Advertise, Advert: BowOut(m.config.VHID)})
	}
	m.wait(m.interval() >> max(0, quickRefusals+1-m.taking.refusals))
}
