package simulation

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"github.com/argss/argss/wiki/wikitest"
)

// weather injects faults until its context ends: one goroutine draws what
// happens and when it passes, so that the order of faults is the seed's alone.
type weather struct {
	world  *World
	rng    *rand.Rand
	tale   *chronicle
	passes []passing // faults that will end, by time
	// scarred is set when a disk lost synced data; until all boxes have agreed
	// again, no other disk may. Two such losses at once can lose what two boxes
	// had acknowledged, and that is not what is promised.
	scarred bool
	losses  []loss
}

// loss is a moment at which a disk lost what it had synced.
type loss struct {
	box  string
	from time.Time // of the image it was set back to
	at   time.Time
}

type passing struct {
	at   time.Time
	over func()
}

// run lets the storm rage until ctx ends, then ends every fault.
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
		w.strike()
	}
}

// clear ends every fault: the sky after the storm.
func (w *weather) clear() {
	for _, p := range w.passes {
		p.over()
	}
	w.passes = nil
}

func (w *weather) between(low, high time.Duration) time.Duration {
	return low + time.Duration(w.rng.Int64N(int64(high-low)))
}

// later notes when a fault passes.
func (w *weather) later(over func()) {
	at := time.Now().Add(w.between(500*time.Millisecond, 45*time.Second))
	i := 0
	for i < len(w.passes) && w.passes[i].at.Before(at) {
		i++
	}
	w.passes = append(w.passes[:i], append([]passing{{at, over}}, w.passes[i:]...)...)
}

func (w *weather) strike() {
	n := w.world.Boxes[w.rng.IntN(len(w.world.Boxes))]
	switch w.rng.IntN(12) {
	case 0, 1, 2, 3:
		w.pullPlug(n)
	case 4, 5:
		w.cut(n)
	case 6:
		w.cutOneWay(n)
	case 7:
		w.fillDisk(n)
	case 8:
		w.failDisk(n)
	case 9:
		w.slowDisk(n)
	case 10:
		w.stepClock(n)
	case 11:
		w.setBack(n)
	}
}

func (w *weather) pullPlug(n *Node) {
	if !n.On() {
		return
	}
	w.tale.fault("plug", "pulled on %s", n.Name)
	n.PullPlug()
	w.later(func() { w.plugIn(n) })
}

func (w *weather) plugIn(n *Node) {
	if n.On() {
		return
	}
	w.tale.note("plug in on %s", n.Name)
	n.PlugIn()
}

func (w *weather) other(n *Node) *Node {
	for {
		if o := w.world.Boxes[w.rng.IntN(len(w.world.Boxes))]; o != n {
			return o
		}
	}
}

func (w *weather) cut(n *Node) {
	o := w.other(n)
	w.tale.fault("cut", "between %s and %s", n.Name, o.Name)
	w.world.Network.Cut(n.Name, o.Name)
	w.world.Network.Cut(o.Name, n.Name)
	w.later(func() {
		w.tale.note("mended between %s and %s", n.Name, o.Name)
		w.world.Network.Mend(n.Name, o.Name)
		w.world.Network.Mend(o.Name, n.Name)
	})
}

func (w *weather) cutOneWay(n *Node) {
	o := w.other(n)
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

func (n *Node) source() netip.Addr { return netip.MustParseAddrPort(n.Address).Addr() }

// each does something with all folders of a disk, in a fixed order.
func (n *Node) each(f func(folder string, d *wikitest.Disk)) {
	for _, folder := range []string{"blobs", "keeper", "public"} {
		if d := n.disks[folder]; d != nil {
			f(folder, d)
		}
	}
}

func (w *weather) fillDisk(n *Node) {
	room := w.rng.Int64N(4000)
	w.tale.fault("full", "disk of %s after %d bytes", n.Name, room)
	n.each(func(_ string, d *wikitest.Disk) { d.SetFree(room) })
	w.later(func() {
		w.tale.note("room again on %s", n.Name)
		n.each(func(_ string, d *wikitest.Disk) { d.SetFree(-1) })
	})
}

// failDisk lets a write or sync fail; the owner turns the box off and on.
func (w *weather) failDisk(n *Node) {
	if !n.On() {
		return
	}
	w.tale.fault("io error", "on %s", n.Name)
	n.disks["public"].FailAfter(1+w.rng.IntN(20), nil)
	w.later(func() {
		if n.On() {
			w.tale.note("%s turned off and on", n.Name)
			n.PullPlug()
			n.PlugIn()
		}
	})
}

func (w *weather) slowDisk(n *Node) {
	w.tale.fault("slow", "disk of %s", n.Name)
	delay := w.between(5*time.Millisecond, 700*time.Millisecond)
	n.each(func(_ string, d *wikitest.Disk) {
		d.Hook(func(op wikitest.Op) error {
			if op.Kind == wikitest.OpSync {
				time.Sleep(delay)
			}
			return nil
		})
	})
	w.later(func() {
		w.tale.note("disk of %s quick again", n.Name)
		n.each(func(_ string, d *wikitest.Disk) { d.Hook(nil) })
	})
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

// setBack restores a disk from an image made some time ago, as an owner with a
// disk cloner would.
func (w *weather) setBack(n *Node) {
	if w.scarred || !n.On() {
		return
	}
	w.scarred = true
	w.tale.fault("set back", "disk of %s will be", n.Name)
	image := map[string]*wikitest.Disk{}
	n.each(func(folder string, d *wikitest.Disk) { image[folder] = d.Clone() })
	from := time.Now()
	w.later(func() {
		if n.On() {
			n.PullPlug()
		}
		w.tale.note("disk of %s set back to %v ago", n.Name, time.Since(from).Round(time.Second))
		for folder, d := range image {
			n.disks[folder] = d
		}
		w.losses = append(w.losses, loss{n.Name, from, time.Now()})
		n.PlugIn()
	})
}

// excused tells whether a missing save is no broken promise: the only box that
// had acknowledged it lost its disk's newest part afterwards.
func (w *weather) excused(a ack) bool {
	if len(a.Copies) > 1 {
		return false
	}
	for _, l := range w.losses {
		if strings.Join(a.Copies, "") == l.box && a.At.After(l.from) && a.At.Before(l.at) {
			return true
		}
	}
	return false
}
