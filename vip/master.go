package vip

import "fmt"

// hearAsMaster settles the question who of two masters goes on.
func (m *Machine) hearAsMaster(h Heard) {
	mine := Heard{m.Advert(), m.config.Source}
	switch {
	case Better(h, mine):
		m.yield(h, whyBetter(h, mine))
	case m.overslept() && !h.IsBowOut() && h.Demotion <= mine.Demotion:
		// We slept so long that the others had to take over, and one of them
		// serves by now. By rank we would take the address back, and move it a
		// second time for our own fault.
		m.yield(h, fmt.Sprintf("%v took over while this box stalled", h.From))
	default:
		m.reassert()
	}
}

func whyBetter(h, mine Heard) string {
	switch {
	case h.Demotion != mine.Demotion:
		return fmt.Sprintf("%v is demoted by %d, this box by %d", h.From, h.Demotion, mine.Demotion)
	case h.Interval() != mine.Interval():
		return fmt.Sprintf("%v advertises more often", h.From)
	default:
		return fmt.Sprintf("%v has the lower address", h.From)
	}
}

// overslept reports whether our last advert is older than our own dead time.
func (m *Machine) overslept() bool {
	return m.late() > m.config.DeadTime()-m.interval()
}

func (m *Machine) yield(to Heard, reason string) {
	m.do(Effect{Kind: Drop})
	m.become(Backup, reason)
	m.follow(to)
}

// tickAsMaster keeps the beat: the next advert is counted from the deadline,
// not from the moment we got round to it, unless a whole one was missed.
func (m *Machine) tickAsMaster() {
	m.advertise()
	if m.owed > 0 {
		m.owed--
		m.do(Effect{Kind: Announce})
	}
	m.deadline += m.interval()
	if m.deadline <= m.now {
		m.wait(m.interval())
	}
}

// reassert is what a surviving master does after a split: it tells the other
// master that it is there, and tells the neighbours again where the address
// lives, because the loser's announcement may have been the last they heard.
// It answers once per interval at most, or a faulty box could make us flood.
func (m *Machine) reassert() {
	if m.now < m.answered+m.interval() {
		return
	}
	m.answered = m.now
	m.owed = reminders
	m.advertise()
	m.do(Effect{Kind: Announce})
	m.wait(m.interval())
}
