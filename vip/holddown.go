package vip

import "time"

// flips remembers when this box took the address, to notice that the address
// does not come to rest. The usual cause is a peer that stalls and returns, or
// a health check that cannot make up its mind; both are cured by waiting, and
// each needless move breaks every open connection.
type flips struct {
	rule HoldDown
	at   []time.Duration // within the rule's window, oldest first
}

// mostFlips bounds the memory; beyond it the hold-down is at its longest anyway.
const mostFlips = 16

func (f *flips) add(now time.Duration) {
	f.forget(now)
	if len(f.at) == mostFlips {
		f.at = append(f.at[:0], f.at[1:]...)
	}
	f.at = append(f.at, now)
}

// level is 0 while the address is at rest, 1 after the first suspicious
// take-over, and one more for each further one.
func (f *flips) level(now time.Duration) int {
	f.forget(now)
	return max(0, len(f.at)-f.rule.Flips+1)
}

// heldUntil is the moment before which no living master is replaced.
func (f *flips) heldUntil(now time.Duration) time.Duration {
	level := f.level(now)
	if level == 0 {
		return now
	}
	hold := f.rule.First << (level - 1)
	return f.at[len(f.at)-1] + min(hold, f.rule.Longest)
}

// stretch is by how much the dead time grows: at most four times, since the
// silent master may really be dead.
func (f *flips) stretch(now time.Duration) time.Duration {
	return 1 << min(f.level(now), 2)
}

func (f *flips) forget(now time.Duration) {
	old := 0
	for old < len(f.at) && now-f.at[old] >= f.rule.Within {
		old++
	}
	f.at = append(f.at[:0], f.at[old:]...)
}
