package simulation

import "time"

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

// cycle is the owner's remedy: off and on again.
func (w *weather) cycle(n *Node) {
	if n.On() {
		w.tale.note("%s turned off and on", n.Name)
		n.PullPlug()
	}
	w.soon(n)
}

// soon plugs a box in within seconds.
func (w *weather) soon(n *Node) {
	w.in(w.between(time.Second, 5*time.Second), func() { w.plugIn(n) })
}

func (w *weather) twinsOff() {
	w.tale.fault("twins off", "at once")
	w.off(w.world.Boxes[:2])
}

func (w *weather) allOff() {
	w.tale.fault("all off", "at once")
	w.off(w.world.Boxes)
}

func (w *weather) off(boxes []*Node) {
	for _, n := range boxes {
		if n.On() {
			n.PullPlug()
		}
	}
	for _, n := range boxes {
		w.later(func() { w.plugIn(n) })
	}
}

// kill ends the program, and something starts it again.
func (w *weather) kill(n *Node) {
	if !n.On() {
		return
	}
	w.tale.fault("kill", "of %s", n.Name)
	n.Kill()
	w.soon(n)
}

// restart stops a box in order, as an update does.
func (w *weather) restart(n *Node) {
	if !n.On() || n.Ended() {
		return
	}
	w.tale.fault("restart", "of %s", n.Name)
	if err := n.Stop(); err != nil {
		w.tale.problem("%s did not stop in order: %v", n.Name, err)
	}
	w.tale.note("%s has stopped", n.Name)
	w.soon(n)
}
