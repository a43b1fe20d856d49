package appliance

import (
	"testing"

	"github.com/argss/argss/disks"
)

func TestDemotionOrdersBoxesByWhatTheyCanStillDo(t *testing.T) {
	ascending := []Health{
		{Disk: disks.Verdict{Grade: disks.Good}, Serving: true},
		{Disk: disks.Verdict{Grade: disks.Unknown}, Serving: true},
		{Disk: disks.Verdict{Grade: disks.Watch}, Serving: true},
		{Disk: disks.Verdict{Grade: disks.Replace}, Serving: true},
		{Disk: disks.Verdict{Grade: disks.Failed}, Serving: true},
		{Disk: disks.Verdict{Grade: disks.Good}},
		{Disk: disks.Verdict{Grade: disks.Failed}},
	}
	last := -1
	for i, h := range ascending {
		d := Demotion(h)
		if d <= last || d > MaxDemotion {
			t.Errorf("state %d (%s, serving %v) has demotion %d after %d", i, h.Disk.Grade, h.Serving, d, last)
		}
		last = d
	}
}
