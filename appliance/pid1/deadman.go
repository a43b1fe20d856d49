package pid1

import "time"

// deadman is the rule by which the watchdog is fed. A program counts from its
// first sign of life on; from then it must go on giving them.
type deadman struct {
	deadline time.Duration
	last     map[string]time.Time
}

func newDeadman(deadline time.Duration) *deadman {
	return &deadman{deadline, map[string]time.Time{}}
}

// alive takes a sign of life.
func (d *deadman) alive(program string, now time.Time) { d.last[program] = now }

// silent names a program that has not given a sign of life in time, or "".
func (d *deadman) silent(now time.Time) string {
	for program, last := range d.last {
		if now.Sub(last) > d.deadline {
			return program
		}
	}
	return ""
}
