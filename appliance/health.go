package appliance

import "github.com/argss/argss/disks"

// Health is what the domains say of this box, each in its own words.
type Health struct {
	Disk    disks.Verdict // of the disk the wiki is on
	Serving bool          // the wiki answers reads and saves
}

// Demotion turns verdicts into a CARP demotion, 0 to MaxDemotion: the twin
// with the lower one holds the shared address, whatever the preferences.
//
// The steps are far enough apart that a worse state is never outweighed by
// several better ones. A full or failing disk still serves reads, so a box
// that serves nothing is worse. Limp mode does not demote: both twins are
// equally alone in it.
func Demotion(h Health) int {
	demotion := diskDemotion[h.Disk.Grade]
	if !h.Serving {
		demotion += 120
	}
	return min(demotion, MaxDemotion)
}

// MaxDemotion is the largest demotion health gives; 255 is CARP's farewell.
const MaxDemotion = 240

var diskDemotion = map[disks.Grade]int{
	disks.Good:    0,
	disks.Unknown: 1, // never as good as Good, never worth a move by itself unless the twin is well
	disks.Watch:   5,
	disks.Replace: 20,
	disks.Failed:  60,
}
