package viptest

import (
	"net/netip"
	"testing"
	"time"

	"github.com/argss/argss/vip"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// World is one kind of link, as the conformance suite needs it.
type World struct {
	// Boxes makes n boxes of one new group that can all hear each other. It
	// cleans up after the test.
	Boxes func(t *testing.T, n int) []Box
	// Run runs one test, for example in a synctest bubble; nil runs it as it is.
	Run func(t *testing.T, test func(*testing.T))
}

// Box is one box of the group.
type Box struct {
	Link   vip.Link
	Source netip.Addr
	VHID   uint8
	Kill   func() // sudden death; may be called twice
}

// TestLink checks everything that vip.Link promises.
func TestLink(t *testing.T, w World) {
	for _, c := range []struct {
		name string
		test func(*testing.T, func(n int) []Box)
	}{
		{"ComesUpFirst", comesUpFirst},
		{"CarriesAdvertsToAllOthers", carriesAdvertsToAllOthers},
		{"KeepsTheOrder", keepsTheOrder},
		{"NeverBlocksOnAnIdleReader", neverBlocksOnAnIdleReader},
		{"DrainsWhatArrived", drainsWhatArrived},
		{"TakesAndDropsAnyNumberOfTimes", takesAndDropsAnyNumberOfTimes},
		{"FreesTheAddressWithDrop", freesTheAddressWithDrop},
		{"FreesTheAddressByDying", freesTheAddressByDying},
		{"SendsToTheDeadWithoutError", sendsToTheDeadWithoutError},
		{"ClosesItsInputsByDying", closesItsInputsByDying},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := func(t *testing.T) {
				c.test(t, func(n int) []Box { return w.Boxes(t, n) })
			}
			if w.Run == nil {
				body(t)
				return
			}
			w.Run(t, body)
		})
	}
}

// limit is generous: it ends a broken test, it measures nothing.
const limit = 20 * time.Second

func next(t *testing.T, b Box) vip.Input {
	t.Helper()
	select {
	case in, ok := <-b.Link.Inputs():
		if !ok {
			t.Fatalf("box %v: inputs closed", b.Source)
		}
		return in
	case <-time.After(limit):
		t.Fatalf("box %v: no input within %v", b.Source, limit)
	}
	return nil
}

// up makes n boxes and waits until each has reported its link.
func up(t *testing.T, boxes []Box) []Box {
	t.Helper()
	for _, b := range boxes {
		if in := next(t, b); in != (vip.LinkUp{}) {
			t.Fatalf("box %v: first input %#v, want LinkUp", b.Source, in)
		}
	}
	return boxes
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func comesUpFirst(t *testing.T, boxes func(int) []Box) { up(t, boxes(2)) }

func carriesAdvertsToAllOthers(t *testing.T, boxes func(int) []Box) {
	group := up(t, boxes(3))
	for i, from := range group {
		sent := vip.Advert{VHID: from.VHID, Base: uint8(i), Skew: 26, Demotion: 200}
		must(t, from.Link.Send(sent))
		for j, to := range group {
			if i == j {
				continue
			}
			want := vip.Input(vip.Heard{Advert: sent, From: from.Source})
			if diff := cmp.Diff(want, next(t, to), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
				t.Errorf("%v to %v:\n%s", from.Source, to.Source, diff)
			}
		}
	}
	// Each has heard two; if one had heard itself, that would still be there.
	for _, b := range group {
		select {
		case in := <-b.Link.Inputs():
			t.Errorf("box %v also heard %#v", b.Source, in)
		default:
		}
	}
}

func keepsTheOrder(t *testing.T, boxes func(int) []Box) {
	group := up(t, boxes(2))
	for skew := range uint8(30) {
		must(t, group[0].Link.Send(vip.Advert{VHID: group[0].VHID, Base: 1, Skew: skew}))
	}
	for skew := range uint8(30) {
		if h, ok := next(t, group[1]).(vip.Heard); !ok || h.Skew != skew {
			t.Fatalf("advert %d came as %+v", skew, h)
		}
	}
}

func neverBlocksOnAnIdleReader(t *testing.T, boxes func(int) []Box) {
	group := up(t, boxes(2))
	for range 5000 { // more than any queue
		must(t, group[0].Link.Send(vip.Advert{VHID: group[0].VHID, Base: 1}))
	}
	if _, ok := next(t, group[1]).(vip.Heard); !ok {
		t.Error("nothing was heard after a flood")
	}
}

func drainsWhatArrived(t *testing.T, boxes func(int) []Box) {
	group := up(t, boxes(2))
	drainer, ok := group[1].Link.(vip.Drainer)
	if !ok {
		return // its Inputs are its only queue, and TestLink's other cases cover that
	}
	for round := range 50 {
		must(t, group[0].Link.Send(vip.Advert{VHID: group[0].VHID, Base: 1, Skew: uint8(round)}))
		drainer.Drain()
		select {
		case in := <-group[1].Link.Inputs():
			if h, ok := in.(vip.Heard); !ok || h.Skew != uint8(round) {
				t.Fatalf("round %d: drained %#v", round, in)
			}
		default:
			t.Fatalf("round %d: the advert was not there after Drain", round)
		}
	}
}

func takesAndDropsAnyNumberOfTimes(t *testing.T, boxes func(int) []Box) {
	b := up(t, boxes(1))[0]
	must(t, b.Link.Drop())
	for range 3 {
		must(t, b.Link.Take())
		must(t, b.Link.Take())
		must(t, b.Link.Announce())
		must(t, b.Link.Drop())
		must(t, b.Link.Drop())
	}
}

func freesTheAddressWithDrop(t *testing.T, boxes func(int) []Box) {
	group := up(t, boxes(2))
	for i := range 6 { // to and fro
		must(t, group[i%2].Link.Take())
		must(t, group[i%2].Link.Drop())
	}
}

func freesTheAddressByDying(t *testing.T, boxes func(int) []Box) {
	group := up(t, boxes(2))
	must(t, group[0].Link.Take())
	group[0].Kill()
	must(t, group[1].Link.Take())
}

func sendsToTheDeadWithoutError(t *testing.T, boxes func(int) []Box) {
	group := up(t, boxes(3))
	group[1].Kill()
	for range 5 {
		must(t, group[0].Link.Send(vip.Advert{VHID: group[0].VHID, Base: 1}))
		if _, ok := next(t, group[2]).(vip.Heard); !ok {
			t.Error("the living box heard nothing")
		}
	}
}

func closesItsInputsByDying(t *testing.T, boxes func(int) []Box) {
	b := up(t, boxes(1))[0]
	b.Kill()
	b.Kill()
	select {
	case in, ok := <-b.Link.Inputs():
		if ok {
			t.Errorf("a dead link gave %#v", in)
		}
	case <-time.After(limit):
		t.Error("the inputs of a dead link stay open")
	}
	if err := b.Link.Take(); err == nil {
		t.Error("a dead link took the address")
	}
	if err := b.Link.Send(vip.Advert{VHID: b.VHID, Base: 1}); err == nil {
		t.Error("a dead link sent an advert")
	}
}
