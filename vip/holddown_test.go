package vip

import (
	"testing"
	"time"
)

func TestHoldDownGrowsWithEachFlipAndFades(t *testing.T) {
	const s = time.Second
	f := flips{rule: HoldDown{Flips: 2, Within: 60 * s, First: 5 * s, Longest: 15 * s}}
	for _, c := range []struct {
		at            time.Duration
		flip          bool
		level         int
		held, stretch time.Duration
	}{
		{0, true, 0, 0, 1},
		{10 * s, true, 1, 15 * s, 2},
		{20 * s, true, 2, 30 * s, 4},
		{30 * s, true, 3, 45 * s, 4}, // no longer than Longest, no wider than four
		{59 * s, false, 3, 45 * s, 4},
		{60 * s, false, 2, 40 * s, 4},
		{79 * s, false, 1, 35 * s, 2},
		{90 * s, false, 0, 90 * s, 1},
	} {
		if c.flip {
			f.add(c.at)
		}
		if got := f.level(c.at); got != c.level {
			t.Errorf("at %v: level %d, want %d", c.at, got, c.level)
		}
		if got := f.heldUntil(c.at); got != c.held {
			t.Errorf("at %v: held until %v, want %v", c.at, got, c.held)
		}
		if got := f.stretch(c.at); got != c.stretch {
			t.Errorf("at %v: stretched %d times, want %d", c.at, got, c.stretch)
		}
	}
}

func TestHoldDownRemembersNoMoreThanItNeeds(t *testing.T) {
	f := flips{rule: Config{}.withDefaults().HoldDown}
	for i := range 1000 {
		f.add(time.Duration(i))
	}
	if len(f.at) != mostFlips || f.at[mostFlips-1] != 999 {
		t.Errorf("remembers %v", f.at)
	}
}
