package diskstest

import (
	"slices"
	"strings"
	"time"

	"github.com/argss/argss/disks"
	"github.com/argss/argss/disks/probe"
)

// Machine is a machine with fake disks, by name: a monitor.Prober.
type Machine struct {
	Disks map[string]*Fake
	Stats map[string]probe.Stat
	Slept []string // disks that were sent to sleep
	Tests []string // disks that were told to test themselves, " long" behind it
}

// List implements monitor.Prober.
func (m *Machine) List() ([]disks.Disk, error) {
	var list []disks.Disk
	for name, f := range m.Disks {
		d := f.Observation.Disk
		d.Name = name
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b disks.Disk) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

func (m *Machine) system() probe.System {
	return probe.System{Open: func(name string) (probe.Device, error) { return m.Disks[name], nil }}
}

// Ask implements monitor.Prober.
func (m *Machine) Ask(d disks.Disk, wake bool, now time.Time) (disks.Observation, error) {
	return m.system().Ask(d, wake, now)
}

// Stat implements monitor.Prober.
func (m *Machine) Stat(name string) (probe.Stat, bool) { s, ok := m.Stats[name]; return s, ok }

// Standby implements monitor.Prober.
func (m *Machine) Standby(d disks.Disk) error {
	m.Slept = append(m.Slept, d.Name)
	return m.system().Standby(d)
}

// SelfTest implements monitor.Prober.
func (m *Machine) SelfTest(d disks.Disk, long bool) error {
	name := d.Name
	if long {
		name += " long"
	}
	m.Tests = append(m.Tests, name)
	return m.system().SelfTest(d, long)
}
