package disks

import (
	"slices"
	"time"
)

// Alarm is something an owner is told, once.
type Alarm struct {
	At   time.Time `json:"at"`
	Disk string    `json:"disk"` // ID
	Over bool      `json:"over"` // the reason is gone
	Reason
}

// Alarms remembers what an owner was told of one disk, so that nothing is told
// twice before it changes. Its zero value has told nothing.
type Alarms struct {
	Told []Told `json:"told,omitempty"`
}

// Told is a reason that was told, and when it was last seen.
type Told struct {
	Reason
	Seen time.Time `json:"seen"`
}

// quiet is how long a reason must be gone before its return is news: a disk
// that is slow now and then is one alarm, not twenty.
const quiet = Day

// Next returns the alarms that a verdict raises and what is told from then on.
// It is an alarm when a reason is new, grew or got graver; and when one that was
// told has been gone for a day. Acknowledged reasons are told already.
func (a Alarms) Next(disk string, v Verdict, now time.Time) (Alarms, []Alarm) {
	next := Alarms{Told: slices.Clone(a.Told)}
	var news []Alarm
	for _, r := range v.Reasons {
		i := slices.IndexFunc(next.Told, func(t Told) bool { return t.Code == r.Code && t.Signal == r.Signal })
		if i < 0 {
			next.Told = append(next.Told, Told{})
			i = len(next.Told) - 1
		}
		told := &next.Told[i]
		if !r.Acknowledged && (told.Code == "" || r.Mark > told.Mark || r.Grade > told.Grade) {
			news = append(news, Alarm{At: now, Disk: disk, Reason: r})
		}
		*told = Told{r, now}
	}
	next.Told = slices.DeleteFunc(next.Told, func(t Told) bool {
		gone := now.Sub(t.Seen) >= quiet
		if gone {
			news = append(news, Alarm{At: now, Disk: disk, Over: true, Reason: t.Reason})
		}
		return gone
	})
	return next, news
}
