package viptest_test

import (
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/argss/argss/vip"
	"github.com/argss/argss/vip/viptest"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var addresses = []netip.Addr{
	netip.MustParseAddr("10.77.0.1"), netip.MustParseAddr("10.77.0.2"), netip.MustParseAddr("10.77.0.3"),
}

func TestSegmentIsALink(t *testing.T) {
	for name, spread := range map[string]time.Duration{"AtOnce": 0, "Delayed": time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			viptest.TestLink(t, viptest.World{
				Run: synctest.Test,
				Boxes: func(t *testing.T, n int) (group []viptest.Box) {
					s := viptest.NewSegment(1)
					s.SetExclusive(true)
					s.SetDelay(spread, 2*spread)
					for _, a := range addresses[:n] {
						l := s.Attach(a)
						group = append(group, viptest.Box{Link: l, Source: a, VHID: 7, Kill: l.Kill})
					}
					return group
				},
			})
		})
	}
}

// hears sends n adverts from the first box and tells when which one arrives.
func hears(t *testing.T, seed uint64, n int) (story []string) {
	synctest.Test(t, func(t *testing.T) {
		s := viptest.NewSegment(seed)
		s.SetLoss(0.3)
		s.SetDelay(time.Millisecond, 50*time.Millisecond)
		a, b := s.Attach(addresses[0]), s.Attach(addresses[1])
		<-b.Inputs()
		begin := time.Now()
		for i := range n {
			if err := a.Send(vip.Advert{VHID: 7, Skew: uint8(i)}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		time.AfterFunc(time.Second, b.Kill)
		for in := range b.Inputs() {
			story = append(story, fmt.Sprintf("%v %d", time.Since(begin), in.(vip.Heard).Skew))
		}
	})
	return story
}

func TestSegmentRepeatsItsFaultsFromTheSeed(t *testing.T) {
	first := hears(t, 7, 40)
	if len(first) == 0 || len(first) == 40 {
		t.Errorf("%d of 40 adverts arrived, want some lost", len(first))
	}
	if diff := cmp.Diff(first, hears(t, 7, 40)); diff != "" {
		t.Errorf("the same seed:\n%s", diff)
	}
	if cmp.Equal(first, hears(t, 8, 40)) {
		t.Error("another seed gave the same faults")
	}
}

func TestSegmentCutsOneWayAndHeals(t *testing.T) {
	s := viptest.NewSegment(1)
	a, b := s.Attach(addresses[0]), s.Attach(addresses[1])
	<-a.Inputs()
	<-b.Inputs()
	count := func() [2]int {
		for _, l := range []*viptest.Link{a, b} {
			if err := l.Send(vip.Advert{VHID: 7, Base: 1}); err != nil {
				t.Fatal(err)
			}
		}
		return [2]int{len(a.Inputs()), len(b.Inputs())}
	}
	s.CutOneWay(addresses[0], addresses[1])
	oneWay := count()
	s.Cut(addresses[0], addresses[1])
	cut := count()
	s.Heal()
	healed := count()
	if diff := cmp.Diff([][2]int{{1, 0}, {1, 0}, {2, 1}}, [][2]int{oneWay, cut, healed}); diff != "" {
		t.Errorf("adverts waiting at each end after a one-way cut, a cut, healing:\n%s", diff)
	}
}

func TestSegmentReachesTheLastAnnouncedHolder(t *testing.T) {
	s := viptest.NewSegment(1)
	a, b := s.Attach(addresses[0]), s.Attach(addresses[1])
	reached := func() string {
		at, ok := s.Reached()
		return fmt.Sprint(at, " ", ok, " ", len(s.Holders()))
	}
	var story []string
	for _, step := range []func() error{
		a.Take, a.Announce, b.Take, b.Announce, a.Announce, a.Drop, b.Announce,
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
		story = append(story, reached())
	}
	b.Unplug()
	story = append(story, reached())
	b.Plug()
	story = append(story, reached())
	b.Kill()
	story = append(story, reached())
	want := []string{
		"invalid IP false 1", "10.77.0.1 true 1", "10.77.0.1 true 2", "10.77.0.2 true 2", "10.77.0.1 true 2",
		"invalid IP false 1", "10.77.0.2 true 1", "invalid IP false 1", "10.77.0.2 true 1", "invalid IP false 0",
	}
	if diff := cmp.Diff(want, story); diff != "" {
		t.Errorf("reached:\n%s", diff)
	}
	again := s.Attach(addresses[1])
	first := <-again.Inputs()
	if diff := cmp.Diff(vip.Input(vip.LinkUp{}), first, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("a restarted box:\n%s", diff)
	}
}
