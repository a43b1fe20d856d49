package simulation

import (
	"slices"
	"strings"
	"time"

	"github.com/argss/argss/disks"
	"github.com/argss/argss/wiki/wikitest"
)

// scar is the trace of a disk that lost synced data. Until all boxes have
// agreed again, no other disk may: two such losses at once can lose what two
// boxes had acknowledged, and that is not what is promised.
type scar struct {
	box  *Node // nil: none
	open bool  // the loss is not over yet
}

// loss is what a disk lost of what it had synced: all that came after from.
type loss struct {
	box      string
	from, at time.Time
}

// wound lets one disk lose synced data.
func (w *weather) wound(n *Node) {
	if w.scar.box != nil || !n.On() {
		return
	}
	w.scar = scar{n, true}
	switch w.rng.IntN(4) {
	case 0:
		w.setBack(n)
	case 1:
		o := w.other(n)
		w.tale.fault("clone", "of the disk of %s put into %s", o.Name, n.Name)
		w.exchange(n, o.Disk().clone(), time.Time{})
	case 2:
		w.tale.fault("new disk", "in %s", n.Name)
		w.exchange(n, newDisk(), time.Time{})
	case 3:
		w.rot(n)
	}
}

// setBack restores a disk from an image made some time ago, as an owner with a
// disk cloner would.
func (w *weather) setBack(n *Node) {
	w.tale.fault("set back", "disk of %s will be", n.Name)
	image, from := n.Disk().clone(), time.Now()
	w.later(func() {
		w.tale.note("disk of %s set back to %v ago", n.Name, time.Since(from).Round(time.Second))
		w.exchange(n, image, from)
	})
}

// exchange replaces a box's disk by one that lacks what came after from.
func (w *weather) exchange(n *Node, d *disk, from time.Time) {
	if n.On() {
		n.PullPlug()
	}
	d.each(func(folder *wikitest.Disk) { folder.SetFree(-1) })
	n.lose(d)
	w.lost(n, from)
	w.soon(n)
}

// rot turns some bits of the log over. The box is turned off and on later,
// because what nobody reads is found at the latest then. A box that has
// something nobody else has is spared: the only copy cannot be made good, and
// what was written on top of it has a parent no other box will ever know.
func (w *weather) rot(n *Node) {
	if w.hasOnlyCopy(n) {
		w.scar = scar{}
		return
	}
	flips := 1 + w.rng.IntN(8)
	n.rotten.Store(true)
	n.Disk().folders["public"].FlipBits(w.rng, flips, func(name string) bool { return strings.HasPrefix(name, "log/") })
	w.tale.fault("rot", "%d bits on %s", flips, n.Name)
	w.later(func() {
		w.lost(n, time.Time{})
		w.cycle(n)
	})
}

// hasOnlyCopy tells whether some line stands on the platter of one box alone.
// The box itself would say so only of what lasts.
func (w *weather) hasOnlyCopy(n *Node) bool {
	w.check.book.mu.Lock()
	defer w.check.book.mu.Unlock()
	for line := range w.check.book.lines {
		if n.holdsLine(line) && !slices.ContainsFunc(w.world.Boxes, func(o *Node) bool { return o != n && o.holdsLine(line) }) {
			return true
		}
	}
	return false
}

func (w *weather) lost(n *Node, from time.Time) {
	w.losses = append(w.losses, loss{n.Name, from, time.Now()})
	w.scar.open = false
}

// heal forgets a scar once all boxes are on, agree, and know of no damage.
func (w *weather) heal() {
	if w.scar.box == nil || w.scar.open {
		return
	}
	for _, n := range w.world.Boxes {
		if !n.On() || n.Ended() {
			return
		}
	}
	if w.check.disagreement() != "" {
		return
	}
	w.tale.note("the loss of %s is made good", w.scar.box.Name)
	w.scar.box.rotten.Store(false)
	w.scar = scar{}
}

// damaged tells whether a box knows of damage, or cannot write. What it tells
// for a week of damage that was made good is no trouble any more.
func damaged(v disks.Verdict) bool {
	return slices.ContainsFunc(v.Reasons, func(r disks.Reason) bool { return r.Grade >= disks.Watch && r.Code != "rot" })
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
