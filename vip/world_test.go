package vip_test

import (
	"container/heap"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/argss/argss/vip"
)

// world is a LAN with a clock of its own: boxes, the adverts between them and
// the faults of both, as events in order of time. The same world tells the
// scenarios and runs the storms.
type world struct {
	now       time.Duration
	seq       int
	events    events
	boxes     []*box
	cuts      map[[2]string]bool // from, to
	exclusive bool               // only one box can hold the address at a time
	squatter  bool               // something else holds it; implies that Take fails
	delay     func() time.Duration
	lose      func() bool
	saw       func(b *box, in vip.Input, before vip.State, effects []vip.Effect)
}

type box struct {
	name     string
	config   vip.Config
	machine  *vip.Machine
	deadline time.Duration
	inbox    []vip.Input
	awake    time.Duration // stalled until then
	holds    bool
	mute     bool // sends fail
	dead     bool
	adverts  int
}

type event struct {
	at  time.Duration
	seq int
	do  func()
}

type events []event

func (e events) Len() int      { return len(e) }
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	old := *e
	last := old[len(old)-1]
	*e = old[:len(old)-1]
	return last
}
func (e events) Less(i, j int) bool {
	if e[i].at != e[j].at {
		return e[i].at < e[j].at
	}
	return e[i].seq < e[j].seq
}

func newWorld() *world {
	return &world{
		cuts:  map[[2]string]bool{},
		delay: func() time.Duration { return time.Millisecond },
		lose:  func() bool { return false },
		saw:   func(*box, vip.Input, vip.State, []vip.Effect) {},
	}
}

func (w *world) add(name string, c vip.Config) *box {
	b := &box{name: name, config: c, machine: vip.New(c), deadline: vip.Never}
	w.boxes = append(w.boxes, b)
	return b
}

func (w *world) box(name string) (*box, error) {
	i := slices.IndexFunc(w.boxes, func(b *box) bool { return b.name == name })
	if i < 0 {
		return nil, fmt.Errorf("no box %q", name)
	}
	return w.boxes[i], nil
}

func (w *world) at(t time.Duration, do func()) {
	w.seq++
	heap.Push(&w.events, event{at: t, seq: w.seq, do: do})
}

// run lets time pass until the given moment.
func (w *world) run(until time.Duration) {
	for len(w.events) > 0 && w.events[0].at <= until {
		e := heap.Pop(&w.events).(event)
		w.now = max(w.now, e.at)
		e.do()
	}
	w.now = until
}

// give queues an input for a box, as the kernel queues a datagram.
func (w *world) give(b *box, in vip.Input) {
	b.inbox = append(b.inbox, in)
	w.wake(b)
}

// wake does what an agent does: first everything that arrived, then the clock.
func (w *world) wake(b *box) {
	if b.dead || w.now < b.awake {
		return // the end of the stall wakes it
	}
	for len(b.inbox) > 0 {
		in := b.inbox[0]
		b.inbox = b.inbox[1:]
		w.step(b, in)
	}
	if b.deadline <= w.now {
		w.step(b, vip.Tick{})
	}
}

func (w *world) stall(b *box, d time.Duration) {
	b.awake = max(b.awake, w.now+d)
	w.at(b.awake, func() { w.wake(b) })
}

// kill is the sudden death: nothing is said, the address goes with the box.
func (w *world) kill(b *box) { b.dead, b.holds, b.inbox, b.deadline = true, false, nil, vip.Never }

// boot starts a dead box anew.
func (w *world) boot(b *box) {
	b.dead, b.awake, b.machine = false, 0, vip.New(b.config)
	w.give(b, vip.LinkUp{})
}

func (w *world) step(b *box, in vip.Input) {
	before := b.machine.State()
	effects, deadline := b.machine.Step(w.now, in)
	b.deadline = deadline
	if deadline != vip.Never {
		w.at(deadline, func() { w.wake(b) })
	}
	w.saw(b, in, before, effects)
	for _, e := range effects {
		if answer := w.perform(b, e); answer != nil {
			w.step(b, answer)
		}
	}
}

func (w *world) perform(b *box, e vip.Effect) (answer vip.Input) {
	switch e.Kind {
	case vip.Advertise:
		if b.mute {
			return vip.SendFailed{}
		}
		w.send(b, e.Advert)
		return vip.Sent{}
	case vip.Take:
		if w.squatter || w.exclusive && slices.ContainsFunc(w.boxes, func(o *box) bool { return o != b && o.holds }) {
			return vip.TakeFailed{}
		}
		b.holds = true
		return vip.Taken{}
	case vip.Drop:
		b.holds = false
	}
	return nil
}

func (w *world) send(from *box, a vip.Advert) {
	from.adverts++
	for _, to := range w.boxes {
		if to == from || w.cuts[[2]string{from.name, to.name}] || w.lose() {
			continue
		}
		w.at(w.now+w.delay(), func() {
			if !to.dead {
				w.give(to, vip.Heard{Advert: a, From: from.config.Source})
			}
		})
	}
}

func (w *world) masters() (names []string) {
	for _, b := range w.boxes {
		if !b.dead && b.machine.State() == vip.Master {
			names = append(names, b.name)
		}
	}
	return names
}

func (w *world) holders() (names []string) {
	for _, b := range w.boxes {
		if b.holds {
			names = append(names, b.name)
		}
	}
	return names
}

func source(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 77, 0, byte(i)}) }
