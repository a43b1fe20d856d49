package mirror

import (
	"time"

	"github.com/argss/argss/wiki"
)

// State says what a disk is worth.
type State string

// The states of a disk.
const (
	Absent  State = "absent"  // it cannot be opened
	Behind  State = "behind"  // it lacks something, and is being filled
	joining State = "joining" // it takes saves again; what came in between is looked for
	Equal   State = "equal"   // it holds all that was acknowledged
)

// side is one disk. Its fields are guarded by the mirror's mu; set is replaced
// by the side's keeper alone, and never while the side leads.
type side struct {
	Disk
	wake chan struct{}

	set     Set // nil: absent
	state   State
	reason  error // why it is not equal
	have    uint64
	penalty time.Duration
	rejoin  time.Time // not waited for before
}

// writes tells whether saves go to this disk.
func (s *side) writes() bool { return s.set != nil && (s.state == Equal || s.state == joining) }

func (s *side) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// DiskStatus is one disk as people are told of it.
type DiskStatus struct {
	Name      string
	State     State
	Leads     bool
	Store     wiki.Identity
	Revisions uint64 // held
	Of        uint64 // that it should hold
	Reason    string // why it is not equal, "" if it is or nothing is known
}

// Disks tells how the disks are, in the order of the settings.
func (m *Store) Disks() []DiskStatus {
	_, lead, _ := m.leader()
	_, of := lead.Digest()
	m.mu.RLock()
	defer m.mu.RUnlock()
	var list []DiskStatus
	for _, s := range m.sides {
		d := DiskStatus{Name: s.Name, State: s.state, Leads: s == m.lead, Of: of, Revisions: s.have}
		switch {
		case s.set == nil:
			d.State, d.Revisions = Absent, 0
		case s.state == Equal:
			d.Revisions = of
		case s.state == joining:
			d.State = Behind
		}
		if s.reason != nil && d.State != Equal {
			d.Reason = s.reason.Error()
		}
		list = append(list, d)
	}
	return list
}
