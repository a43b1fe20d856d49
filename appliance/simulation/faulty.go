package simulation

import (
	"strings"
	"syscall"
	"time"

	"github.com/argss/argss/wiki/wikitest"
)

// fillDisk leaves a few bytes, and the disk says so.
func (w *weather) fillDisk(n *Node) {
	room := w.rng.Int64N(4000)
	w.tale.fault("full", "disk of %s after %d bytes", n.Name, room)
	n.Disk().each(func(d *wikitest.Disk) { d.SetFree(room) })
	w.later(func() {
		w.tale.note("room again on %s", n.Name)
		n.Disk().each(func(d *wikitest.Disk) { d.SetFree(-1) })
	})
}

// surpriseFull is a disk that says it has room and then refuses, in the middle
// of whatever is going on: others fill it, too.
func (w *weather) surpriseFull(n *Node) {
	after := w.rng.IntN(12)
	w.tale.fault("full at once", "disk of %s after %d changes", n.Name, after)
	n.Disk().each(func(d *wikitest.Disk) {
		from := d.Counts().Changes + after
		d.Hook(func(op wikitest.Op) error {
			if op.N > from && (op.Kind == wikitest.OpWrite || op.Kind == wikitest.OpCreate) {
				return syscall.ENOSPC
			}
			return nil
		})
	})
	w.unhook(n, "room again on %s")
}

func (w *weather) unhook(n *Node, what string) {
	w.later(func() {
		w.tale.note(what, n.Name)
		n.Disk().each(func(d *wikitest.Disk) { d.Hook(nil) })
	})
}

// slowDisk makes the log's syncs slow. A store that writes its identity holds a
// lock meanwhile, and a goroutine that waits for a lock stops virtual time, so
// that stays quick.
func (w *weather) slowDisk(n *Node) {
	w.tale.fault("slow", "disk of %s", n.Name)
	delay := w.between(5*time.Millisecond, 700*time.Millisecond)
	n.Disk().each(func(d *wikitest.Disk) {
		d.Hook(func(op wikitest.Op) error {
			if op.Kind == wikitest.OpSync && strings.HasPrefix(op.Name, "log/") {
				time.Sleep(delay)
			}
			return nil
		})
	})
	w.unhook(n, "disk of %s quick again")
	if w.rng.IntN(2) == 0 { // whoever waits for it pulls the plug in the middle of a write
		w.in(w.between(time.Second, 10*time.Second), func() { w.pullPlug(n) })
	}
}

// failDisk lets a write or sync fail; the owner turns the box off and on.
func (w *weather) failDisk(n *Node) {
	if !n.On() {
		return
	}
	w.tale.fault("io error", "on %s", n.Name)
	n.Disk().folders["public"].FailAfter(1+w.rng.IntN(20), nil)
	w.later(func() { w.cycle(n) })
}

// vanishDisk unplugs a disk for a while.
func (w *weather) vanishDisk(n *Node) {
	w.tale.fault("vanished", "disk of %s", n.Name)
	n.Disk().each((*wikitest.Disk).Vanish)
	w.later(func() {
		w.tale.note("disk of %s is back", n.Name)
		n.Disk().each((*wikitest.Disk).Reappear)
		w.cycle(n)
	})
}
