package loopback_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/argss/argss/vip"
	"github.com/argss/argss/vip/carp"
	"github.com/argss/argss/vip/loopback"
	"github.com/argss/argss/vip/viptest"
	"github.com/google/go-cmp/cmp"
)

// limit is generous: it ends a broken test, it measures nothing.
const limit = 30 * time.Second

var used atomic.Uint32

// place is an unused loopback address with a port that is free now. The
// address carries the process's number, so that tests run at the same time do
// not meet.
func place(t *testing.T) netip.AddrPort {
	t.Helper()
	pid, n := os.Getpid(), used.Add(1)
	address := netip.AddrFrom4([4]byte{127, byte(64 + pid>>8&63), byte(pid), byte(1 + n%250)})
	listener, err := net.Listen("tcp", netip.AddrPortFrom(address, 0).String())
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return netip.MustParseAddrPort(listener.Addr().String())
}

// group configures n boxes that share an address.
func group(t *testing.T, n int) []loopback.Config {
	t.Helper()
	var boxes []netip.AddrPort
	for range n {
		boxes = append(boxes, place(t))
	}
	shared := place(t)
	var out []loopback.Config
	for i, box := range boxes {
		peers := append(append([]netip.AddrPort{}, boxes[:i]...), boxes[i+1:]...)
		out = append(out, loopback.Config{
			Source: box, Peers: peers, Shared: shared, Secret: "s3cret", VHID: 7, Serve: refuse,
		})
	}
	return out
}

// refuse serves by hanging up.
func refuse(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		c.Close()
	}
}

func open(t *testing.T, c loopback.Config) *loopback.Link {
	t.Helper()
	l, err := loopback.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func next(t *testing.T, l *loopback.Link) vip.Input {
	t.Helper()
	select {
	case in := <-l.Inputs():
		return in
	case <-time.After(limit):
		t.Fatalf("no input within %v", limit)
		return nil
	}
}

func TestLoopbackIsALink(t *testing.T) {
	viptest.TestLink(t, viptest.World{Boxes: func(t *testing.T, n int) (boxes []viptest.Box) {
		for _, c := range group(t, n) {
			l := open(t, c)
			boxes = append(boxes, viptest.Box{
				Link: l, Source: c.Source.Addr(), VHID: c.VHID, Kill: func() { l.Close() },
			})
		}
		return boxes
	}})
}

func TestSharedAddressHasOneHolder(t *testing.T) {
	c := group(t, 2)
	a, b := open(t, c[0]), open(t, c[1])
	if err := a.Take(); err != nil {
		t.Fatal(err)
	}
	if err := b.Take(); err == nil {
		t.Error("two boxes listen on the shared address")
	}
	if err := a.Drop(); err != nil {
		t.Fatal(err)
	}
	if err := b.Take(); err != nil {
		t.Errorf("after the other dropped it: %v", err)
	}
}

// A peer on this machine shares its ports with whatever else runs here.
func TestHostileDatagramsAreCountedAndIgnored(t *testing.T) {
	c := group(t, 2)
	victim := open(t, c[0])
	next(t, victim) // LinkUp
	peer, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(c[1].Source))
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	stranger, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(place(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()

	key := func(secret string) *carp.Key {
		k, err := carp.NewKey(secret, c[0].Shared.Addr())
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	advert := carp.Packet{Advert: vip.Advert{VHID: 7, Skew: 26}}
	otherGroup := carp.Packet{Advert: vip.Advert{VHID: 8, Skew: 26}}
	good := key("s3cret").Append(nil, advert)
	for _, noise := range [][]byte{
		{}, {0x21}, make([]byte, 8), make([]byte, 36), make([]byte, 9000), append(good[:36:36], 0),
		key("guess").Append(nil, advert), key("s3cret").Append(nil, otherGroup),
	} {
		if _, err := peer.WriteToUDPAddrPort(noise, c[0].Source); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := stranger.WriteToUDPAddrPort(good, c[0].Source); err != nil {
		t.Fatal(err)
	}
	if _, err := peer.WriteToUDPAddrPort(good, c[0].Source); err != nil {
		t.Fatal(err)
	}
	if in := next(t, victim); in != vip.Input(vip.Heard{Advert: advert.Advert, From: c[1].Source.Addr()}) {
		t.Errorf("heard %#v", in)
	}
	if diff := cmp.Diff(loopback.Stats{Heard: 1, Foreign: 1, Broken: 8}, victim.Stats()); diff != "" {
		t.Errorf("counts:\n%s", diff)
	}
}

func TestNoiseNeverCrowdsOutNewsOfTheLink(t *testing.T) {
	c := group(t, 2)
	stopped := make(chan struct{})
	c[0].Serve = func(net.Listener) { <-stopped }
	a, b := open(t, c[0]), open(t, c[1])
	for range 2000 {
		if err := b.Send(vip.Advert{VHID: 7, Skew: 26}); err != nil {
			t.Fatal(err)
		}
		a.Drain() // so that none is lost before the queue
	}
	if a.Stats().Lost == 0 {
		t.Fatalf("the queue held it all: %+v", a.Stats())
	}
	if err := a.Take(); err != nil {
		t.Fatal(err)
	}
	full := len(a.Inputs())
	close(stopped)
	for begin := time.Now(); len(a.Inputs()) < full+2; time.Sleep(time.Millisecond) {
		if time.Since(begin) > limit {
			t.Fatalf("%d inputs wait, want two more than the %d adverts", len(a.Inputs()), full)
		}
	}
}

// An owner that no longer serves must not keep the address from the others.
func TestEndOfServingGivesTheAddressUp(t *testing.T) {
	c := group(t, 2)
	c[0].Serve = func(l net.Listener) { l.Close() }
	a, b := open(t, c[0]), open(t, c[1])
	if err := a.Take(); err != nil {
		t.Fatal(err)
	}
	var seen []string
	for range 3 {
		seen = append(seen, fmt.Sprintf("%T", next(t, a)))
	}
	if diff := cmp.Diff([]string{"vip.LinkUp", "vip.LinkDown", "vip.LinkUp"}, seen); diff != "" {
		t.Errorf("inputs:\n%s", diff)
	}
	if err := b.Take(); err != nil {
		t.Errorf("the other box: %v", err)
	}
}

func TestOpenRefusesWhatCannotWork(t *testing.T) {
	good := group(t, 2)[0]
	for want, spoil := range map[string]func(*loopback.Config){
		"vhid 0":         func(c *loopback.Config) { c.VHID = 0 },
		"set Serve":      func(c *loopback.Config) { c.Serve = nil },
		"shared address": func(c *loopback.Config) { c.Shared = netip.AddrPort{} },
		"give a loopback address": func(c *loopback.Config) {
			c.Peers = []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:5000")}
		},
		"address of its own": func(c *loopback.Config) {
			c.Peers = []netip.AddrPort{netip.AddrPortFrom(c.Source.Addr(), 5000)}
		},
		"passphrase": func(c *loopback.Config) { c.Secret = strings.Repeat("x", 21) },
	} {
		c := good
		spoil(&c)
		l, err := loopback.Open(c)
		if err == nil {
			l.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
	taken := open(t, good)
	if _, err := loopback.Open(good); err == nil {
		t.Error("two boxes opened one address")
	}
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	if err := taken.Send(vip.Advert{VHID: 7}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("send after close: %v, want %v", err, net.ErrClosed)
	}
}

func TestElectionsOfTwinsNeverTie(t *testing.T) {
	c := group(t, 1)[0]
	seen := map[time.Duration]int{}
	for rank := range 10 {
		e := c.Election(rank)
		if err := e.Validate(); err != nil {
			t.Errorf("rank %d: %v", rank, err)
		}
		if twin, tie := seen[e.Interval()]; tie {
			t.Errorf("ranks %d and %d both advertise every %v", twin, rank, e.Interval())
		}
		seen[e.Interval()] = rank
		if got := e.Interval(); got < 100*time.Millisecond || got > 150*time.Millisecond {
			t.Errorf("rank %d advertises every %v", rank, got)
		}
	}
}
