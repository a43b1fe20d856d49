package vip

import (
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Config says how one box takes part in the election for one group.
type Config struct {
	VHID   uint8      // the group, 1 to 255, the same on all boxes of it
	Source netip.Addr // this box's own address, different on every box
	Base   uint8      // whole seconds between adverts
	Skew   uint8      // 256ths of a second on top; make it differ between boxes

	// Preempt lets this box replace a healthy master that advertises more
	// slowly. Leave it off unless somebody pays for the move.
	Preempt bool

	// DeadFactor is how many intervals of silence are death; 0 means 3. One
	// lost advert is an accident, two are bad luck.
	DeadFactor int

	// Patience, if it is longer than the dead time, is how far the silence that
	// counts as death may grow while the master is heard unsteadily.
	Patience time.Duration

	HoldDown HoldDown
}

// HoldDown says when a box that keeps taking the address becomes patient. The
// zero value means two take-overs within a minute, held for five seconds at
// first and a minute at most.
//
// While held, a box does not take over a living master, however unwell, and
// it waits up to four times longer before it believes a silent one dead. It
// still answers a bow-out at once: then there is no master to be patient with.
type HoldDown struct {
	Flips   int           // this many take-overs ...
	Within  time.Duration // ... in this time start a hold-down
	First   time.Duration // how long the first one lasts; each further one doubles
	Longest time.Duration // but never longer than this
}

// Validate reports the first thing that keeps the configuration from working.
func (c Config) Validate() error {
	switch {
	case c.VHID == 0:
		return errors.New("vhid 0 is not a group: choose 1 to 255")
	case !c.Source.IsValid():
		return errors.New("no source address: adverts of equal rank could not be told apart")
	case c.Base == 0 && c.Skew == 0:
		return errors.New("base and skew are both 0: choose an interval of at least 1/256 second")
	case c.Base == 255 && c.Skew == 255:
		return errors.New("base and skew are both 255: that interval means goodbye")
	case c.DeadFactor < 0:
		return fmt.Errorf("dead factor %d: choose at least 1", c.DeadFactor)
	}
	return nil
}

func (c Config) withDefaults() Config {
	orInt := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	orTime := func(v *time.Duration, d time.Duration) {
		if *v <= 0 {
			*v = d
		}
	}
	orInt(&c.DeadFactor, 3)
	orInt(&c.HoldDown.Flips, 2)
	orTime(&c.HoldDown.Within, time.Minute)
	orTime(&c.HoldDown.First, 5*time.Second)
	orTime(&c.HoldDown.Longest, time.Minute)
	return c
}

// Interval is the time between two adverts of this box.
func (c Config) Interval() time.Duration {
	return Advert{Base: c.Base, Skew: c.Skew}.Interval()
}

// DeadTime is the silence after which this box believes a master dead: three
// times base plus skew once, as everywhere in CARP, so that boxes of different
// skew do not all jump at the same moment. With base 0 the skew is all there
// is, and it counts three times (OpenBSD).
func (c Config) DeadTime() time.Duration {
	c = c.withDefaults()
	if c.Base == 0 {
		return time.Duration(c.DeadFactor) * c.Interval()
	}
	return time.Duration(c.DeadFactor-1)*time.Duration(c.Base)*time.Second + c.Interval()
}
