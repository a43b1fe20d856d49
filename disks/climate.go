package disks

import "fmt"

// warm is from which temperature on a kind of disk wants air. It is some
// degrees below what its vendors allow.
func (c look) warm() int {
	switch {
	case c.NVMe != nil && c.NVMe.WarnTemperature > 0:
		return c.NVMe.WarnTemperature
	case c.NVMe != nil:
		return 75
	case c.Disk.Kind == SSD:
		return 70
	}
	return 56
}

func (c look) temperature() []Reason {
	t, seen := c.values[Temperature]
	if !seen || int(t) < c.warm() || c.NVMe != nil && c.NVMe.CriticalWarning&WarnTemperature != 0 {
		return nil
	}
	// The mark moves in steps: a degree more is no news.
	return []Reason{{Code: "temperature", Grade: Watch, Signal: Temperature, Mark: (t - uint64(c.warm())) / 5, Text: fmt.Sprintf("This disk is at %d °C. Give the box air; from %d °C on disks age faster.", t, c.warm())}}
}

// oftenADay is how many starts or parkings a day wear a disk out before its
// time: drives are built for 300,000 to 600,000 parkings but only some ten
// thousand starts.
const (
	startsADay   = 50
	parkingsADay = 300
)

// cycles warns when saving power costs the disk.
func (c look) cycles() (reasons []Reason) {
	for _, r := range []struct {
		signal Signal
		often  uint64
		what   string
	}{{StartStop, startsADay, "started and stopped"}, {LoadCycle, parkingsADay, "parked its heads"}} {
		if day, _ := c.grown(r.signal); day.Whole && day.More > r.often {
			reasons = append(reasons, Reason{Code: "spin-down", Grade: Watch, Signal: r.signal, Mark: day.More / r.often, Text: fmt.Sprintf("This disk %s %s within a day, and that wears it out. Let it sleep later, or not at all.", r.what, times(day.More))})
		}
	}
	return reasons
}
