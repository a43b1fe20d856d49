package vip

import (
	"fmt"
	"time"
)

// hearAsBackup follows a fit master and replaces an unfit one.
func (m *Machine) hearAsBackup(h Heard) {
	reason, urgent := m.unfit(h)
	held := !urgent && m.now < m.flips.heldUntil(m.now)
	switch {
	case h.IsBowOut() && m.taking.refusals > 0:
		// We know, and are about to try again; it says so three times.
	case reason == "" || held && !m.followsOther(h):
		m.follow(h)
	case m.followsOther(h):
		// A third box is unfit or leaving, which is not our master's fault.
	default:
		m.taking.reason, m.taking.rival = reason, !h.IsBowOut()
		m.takeOver()
	}
}

// unfit says why the sender should not be master, or "" if it may. Urgent
// means that the group has, or will soon have, no master at all.
func (m *Machine) unfit(h Heard) (reason string, urgent bool) {
	mine := m.Advert()
	switch {
	case h.IsBowOut():
		return fmt.Sprintf("%v bowed out", h.From), true
	case h.Demotion > mine.Demotion:
		// OpenBSD does this regardless of preemption; the doc comment says why.
		return fmt.Sprintf("%v is demoted by %d, this box by %d", h.From, h.Demotion, mine.Demotion), false
	case h.Demotion < mine.Demotion:
		return "", false
	case h.Interval() > m.config.DeadTime() && !m.keptPace(h):
		// It is going to time out before its next advert: as good as silent.
		return fmt.Sprintf("%v will be silent for longer than the dead time", h.From), true
	case m.config.Preempt && mine.Interval() < h.Interval():
		return fmt.Sprintf("preempting %v, which advertises more slowly", h.From), false
	}
	return "", false
}

// keptPace reports whether the sender is the master we follow, at the pace we
// already follow it: a box that was demoted for a while and is well again does
// not take over for that.
func (m *Machine) keptPace(h Heard) bool {
	return m.master.From == h.From && m.master.Interval() == h.Interval()
}

// followsOther reports whether another master was heard so recently that it
// counts as alive. With three boxes, the news that one of them is unfit must
// not make us replace the one that is not.
func (m *Machine) followsOther(h Heard) bool {
	return m.master.From.IsValid() && m.master.From != h.From && m.now-m.master.At < m.dead()
}

func (m *Machine) follow(h Heard) {
	m.master = Sighting{Heard: h, At: m.now}
	m.granted = 0 // the guard stands: what we hear now may be as old as our sleep
	m.taking = taking{until: m.taking.until}
	m.wait(m.patience(h))
}

// patience is the silence we allow the master we follow. One that advertises
// more slowly than we would is allowed its own intervals but the last, for which
// ours counts: else it would have to lose one advert only, and with our full
// trust in its pace two backups of different skew would jump at once. VRRPv3
// measures by the master alone, ucarp by the backup alone.
func (m *Machine) patience(h Heard) time.Duration {
	misses := time.Duration(max(1, m.config.DeadFactor-1))
	slow := misses*h.Interval() + m.interval()
	return max(max(m.config.DeadTime(), slow)*m.flips.stretch(m.now), m.pace.patience())
}

// noticeStall doubts ourselves before the peer: a backup that is asked more
// than an interval late has slept, and what it did not hear proves nothing.
// It grants the master one more interval to be heard, and until then believes
// no news that would make it take over, for that news is old too.
func (m *Machine) noticeStall() {
	if m.state != Backup || m.late() <= m.interval() || m.granted == grants {
		return
	}
	m.granted++
	m.guard = m.now + m.interval()
	m.deadline = m.guard
}
