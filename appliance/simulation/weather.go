package simulation

import (
	"context"
	"math/rand/v2"
	"time"
)

// weather injects faults until its context ends: one goroutine draws what
// happens and when it passes, so that the order of faults is the seed's alone.
type weather struct {
	world  *World
	rng    *rand.Rand
	tale   *chronicle
	check  checker
	passes []passing // faults that will end, by time
	scar   scar
	losses []loss
}

// passing is the end of a fault.
type passing struct {
	at   time.Time
	over func()
}

// run lets the storm rage until ctx ends.
func (w *weather) run(ctx context.Context) {
	for {
		next := time.Now().Add(w.between(2*time.Second, 25*time.Second))
		for len(w.passes) > 0 && w.passes[0].at.Before(next) {
			first := w.passes[0]
			if sleep(ctx, time.Until(first.at)) != nil {
				return
			}
			w.passes = w.passes[1:]
			first.over()
		}
		if sleep(ctx, time.Until(next)) != nil {
			return
		}
		w.heal()
		w.strike()
	}
}

// clear ends every fault: the sky after the storm.
func (w *weather) clear() {
	for len(w.passes) > 0 {
		first := w.passes[0]
		w.passes = w.passes[1:]
		first.over()
	}
}

func (w *weather) between(low, high time.Duration) time.Duration {
	return low + time.Duration(w.rng.Int64N(int64(high-low)))
}

// later notes how a fault passes, some time from now.
func (w *weather) later(over func()) { w.in(w.between(500*time.Millisecond, 45*time.Second), over) }

func (w *weather) in(d time.Duration, over func()) {
	at := time.Now().Add(d)
	i := 0
	for i < len(w.passes) && w.passes[i].at.Before(at) {
		i++
	}
	w.passes = append(w.passes[:i], append([]passing{{at, over}}, w.passes[i:]...)...)
}

// strike draws what happens, and to which box.
func (w *weather) strike() {
	n := w.world.Boxes[w.rng.IntN(len(w.world.Boxes))]
	switch w.rng.IntN(20) {
	case 0, 1, 2:
		w.pullPlug(n)
	case 3:
		w.twinsOff()
	case 4:
		w.allOff()
	case 5:
		w.kill(n)
	case 6:
		w.restart(n)
	case 7, 8:
		w.cut(n, w.other(n))
	case 9:
		w.cutOneWay(n, w.other(n))
	case 10:
		w.cutLAN()
	case 11:
		w.fillDisk(n)
	case 12:
		w.surpriseFull(n)
	case 13:
		w.failDisk(n)
	case 14:
		w.slowDisk(n)
	case 15:
		w.vanishDisk(n)
	case 16:
		w.stepClock(n)
	default:
		w.wound(n)
	}
}

// stepClock sets a box's clock to 1970 or ten years ahead.
func (w *weather) stepClock(n *Node) {
	step := 10 * 365 * 24 * time.Hour
	if w.rng.IntN(2) == 0 {
		step = -time.Since(time.UnixMilli(0))
	}
	w.tale.fault("clock", "of %s off by %v", n.Name, step.Round(time.Hour))
	n.clockStep.Store(int64(step))
	w.later(func() {
		w.tale.note("clock of %s right again", n.Name)
		n.clockStep.Store(0)
	})
}

// other draws another box.
func (w *weather) other(n *Node) *Node {
	for {
		if o := w.world.Boxes[w.rng.IntN(len(w.world.Boxes))]; o != n {
			return o
		}
	}
}

func (w *weather) cut(n, o *Node) {
	w.tale.fault("cut", "between %s and %s", n.Name, o.Name)
	w.world.Network.Cut(n.Name, o.Name)
	w.world.Network.Cut(o.Name, n.Name)
	w.later(func() {
		w.tale.note("mended between %s and %s", n.Name, o.Name)
		w.world.Network.Mend(n.Name, o.Name)
		w.world.Network.Mend(o.Name, n.Name)
	})
}

func (w *weather) cutOneWay(n, o *Node) {
	w.tale.fault("one-way cut", "from %s to %s", n.Name, o.Name)
	w.world.Network.Cut(n.Name, o.Name)
	if n.twin && o.twin {
		w.world.Segment.CutOneWay(n.source(), o.source())
	}
	w.later(func() {
		w.tale.note("mended from %s to %s", n.Name, o.Name)
		w.world.Network.Mend(n.Name, o.Name)
		if n.twin && o.twin {
			w.world.Segment.Heal()
		}
	})
}

// cutLAN lets the twins neither exchange nor hear each other's adverts.
func (w *weather) cutLAN() {
	a, b := w.world.Boxes[0], w.world.Boxes[1]
	w.tale.fault("LAN cut", "between the twins")
	w.world.Network.Cut(a.Name, b.Name)
	w.world.Network.Cut(b.Name, a.Name)
	w.world.Segment.Cut(a.source(), b.source())
	w.later(func() {
		w.tale.note("the LAN is whole again")
		w.world.Network.Mend(a.Name, b.Name)
		w.world.Network.Mend(b.Name, a.Name)
		w.world.Segment.Heal()
	})
}
