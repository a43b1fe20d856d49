package sensor

import "time"

// Action is what a box does about its power.
type Action string

// The actions, in the order of a growing outage.
const (
	Run   Action = "run"
	Yield Action = "yield" // write everything out and give up the address if another box has power
	Stop  Action = "stop"  // stop in order, before the battery does it
)

// Outage decides about power from what the UPS says. It is a value of one
// goroutine; the zero value is a box with power.
//
// Twins on one UPS both yield, and then both hold what they have: a demotion
// is relative, so the address stays where it is and is served to the last. Both
// stop in order, and on return both start as after any power cut; whichever is
// up first serves, because every box accepts edits alone.
type Outage struct {
	onBattery time.Time // since when, zero if not
	back      time.Time // since when power is back while Yield still holds
	stopping  bool
}

const (
	flicker  = 5 * time.Second  // shorter outages are not acted on
	settle   = 60 * time.Second // power must be back that long; it often goes again
	reserve  = 3 * time.Minute  // of runtime that stopping in order gets
	lowPoint = 20               // percent of charge, for a UPS that does not tell its runtime
)

// Observe takes what the UPS says, or that it cannot be asked, and returns what
// to do. Silence of the UPS while on battery is taken for the end of the
// battery after the reserve; while on line it means nothing.
func (o *Outage) Observe(u UPS, err error, now time.Time) Action {
	switch {
	case o.stopping: // there is no way back: half stopped is worse than stopped
		return Stop
	case err != nil:
		return o.unknown(now)
	case u.GivesUp || u.OnBattery && o.atTheEnd(u):
		o.stopping = true
		return Stop
	case u.OnBattery:
		if o.onBattery.IsZero() {
			o.onBattery = now
		}
		o.back = time.Time{}
		return o.battery(now)
	default:
		return o.online(now)
	}
}

func (o *Outage) atTheEnd(u UPS) bool {
	if u.LowBattery {
		return true
	}
	if u.Runtime > 0 {
		return u.Runtime < reserve
	}
	return u.Charge >= 0 && u.Charge < lowPoint
}

func (o *Outage) battery(now time.Time) Action {
	if now.Sub(o.onBattery) < flicker {
		return Run
	}
	return Yield
}

func (o *Outage) online(now time.Time) Action {
	if o.onBattery.IsZero() {
		return Run
	}
	if o.back.IsZero() {
		o.back = now
	}
	if o.back.Sub(o.onBattery) < flicker || now.Sub(o.back) >= settle {
		*o = Outage{}
		return Run
	}
	return Yield
}

func (o *Outage) unknown(now time.Time) Action {
	if o.onBattery.IsZero() {
		return Run
	}
	if o.back.IsZero() && now.Sub(o.onBattery) >= reserve {
		o.stopping = true
		return Stop
	}
	return o.battery(now)
}
