package lan

import (
	"bytes"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/argss/argss/vip"
	"github.com/argss/argss/vip/carp"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// box is a link without a network: what arrives is given to it.
type box struct {
	*testing.T
	link *Link
	wire *wire
	log  bytes.Buffer
}

func newBox(t *testing.T, self netip.Addr, peers []netip.Addr) *box {
	t.Helper()
	b := &box{T: t, wire: &wire{hardware: ours, source: self}}
	c := Config{
		Interface: "eth0", VHID: 7, Secret: "s3cret", Source: self, Peers: peers,
		Shared: []netip.Prefix{netip.PrefixFrom(shared, 24)},
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	key, secret, err := c.keys()
	if err != nil {
		t.Fatal(err)
	}
	b.link = &Link{config: c, key: key, origin: time.Now().Add(-time.Second), inbox: inbox{inputs: make(chan vip.Input, inboxSize)}}
	b.link.strangers.log = slog.New(slog.NewTextHandler(&b.log, nil))
	for _, p := range peers {
		b.link.peers = append(b.link.peers, newPeer(c, secret, p))
	}
	return b
}

// frame is a CARP frame on the wire.
func (b *box) frame(from netip.Addr, payload []byte) []byte {
	f := appendEther(nil, multicastHardware(groupIPv4), hardware{2, 9}, etherIPv4)
	return append(appendIPv4(f, from, groupIPv4, 1, len(payload)), payload...)
}

func (b *box) advert(from netip.Addr, a vip.Advert) []byte {
	return b.frame(from, b.link.key.Append(nil, carp.Packet{Advert: a, Counter: 1}))
}

func (b *box) heard() (out []vip.Input) {
	for len(b.link.inbox.inputs) > 0 {
		out = append(out, <-b.link.inbox.inputs)
	}
	return out
}

var (
	first, second, third = source, netip.MustParseAddr("10.77.0.2"), netip.MustParseAddr("10.77.0.3")

	ordinary = vip.Advert{VHID: 7, Skew: 3}
	better   = vip.Advert{VHID: 7, Skew: 1}
	same     = cmpopts.EquateComparable(netip.Addr{})
)

// introduce lets two links know each other by heartbeat, without a network.
func introduce(a, b *box) {
	a.Helper()
	talkA, talkB := a.link.peers[0].talk, b.link.peers[0].talk
	message := talkA.Say(nil, vip.Backup, vip.Advert{})
	for to, from := talkB, talkA; message != nil; to, from = from, to {
		_, _, message = to.Hear(message, time.Hour) // any one moment, but late enough for each answer
	}
	message = talkB.Say(nil, vip.Backup, vip.Advert{})
	for to, from := talkA, talkB; message != nil; to, from = from, to {
		_, _, message = to.Hear(message, 2*time.Hour)
	}
}

func TestForgedAndReplayedFramesChangeNothingBetweenBoxesThatSpeakBetter(t *testing.T) {
	one, two := newBox(t, first, []netip.Addr{second}), newBox(t, second, []netip.Addr{first})
	introduce(one, two)
	heartbeats := [][]byte{two.link.peers[0].talk.Say(nil, vip.Master, ordinary)}
	one.link.hearBeat(heartbeats[0])
	if diff := cmp.Diff([]vip.Input{vip.Heard{Advert: ordinary, From: second}}, one.heard(), same); diff != "" {
		t.Fatalf("the twin's heartbeat:\n%s", diff)
	}
	for _, from := range []netip.Addr{second, third} {
		for _, forged := range []vip.Advert{better, vip.BowOut(7), ordinary} {
			one.link.arrived(one.wire, one.advert(from, forged))
		}
	}
	one.link.hearBeat(heartbeats[0])
	forged := two.link.peers[0].talk.Say(nil, vip.Master, better)
	forged[7]--
	one.link.hearBeat(forged)
	if got := one.heard(); len(got) != 0 {
		t.Errorf("these counted: %+v", got)
	}
}

func TestCARPCountsUntilThePeerSpeaksBetter(t *testing.T) {
	b := newBox(t, first, []netip.Addr{second})
	b.link.arrived(b.wire, b.advert(second, ordinary))
	if diff := cmp.Diff([]vip.Input{vip.Heard{Advert: ordinary, From: second}}, b.heard(), same); diff != "" {
		t.Error(diff)
	}
}

func TestStrangersAreNamedOnceAndDoNotCount(t *testing.T) {
	b := newBox(t, first, []netip.Addr{second})
	vrrp2 := bytesOf(t, "2107640100010000 0a4d0064 0000000000000000")
	vrrp3 := bytesOf(t, "3107640100010000 0a4d0064")
	otherKey, err := carp.NewKey("other", shared)
	if err != nil {
		t.Fatal(err)
	}
	routed := b.advert(second, ordinary)[etherSize:]
	routed[8], routed[10], routed[11] = 254, 0, 0
	s := ^sum(routed[:ipv4Size])
	routed[10], routed[11] = byte(s>>8), byte(s)
	for range 3 {
		b.link.arrived(b.wire, b.frame(second, vrrp2))
		b.link.arrived(b.wire, b.frame(third, vrrp3))
		b.link.arrived(b.wire, b.frame(second, otherKey.Append(nil, carp.Packet{Advert: ordinary})))
		b.link.arrived(b.wire, b.advert(third, ordinary))
		b.link.hearCARP(b.wire, etherIPv4, routed)
		b.link.arrived(b.wire, b.advert(second, vip.Advert{VHID: 8, Skew: 3})) // another group is no trouble
		b.link.arrived(b.wire, b.advert(first, ordinary))                      // our own, come back
	}
	if got := b.heard(); len(got) != 0 {
		t.Errorf("these counted: %+v", got)
	}
	said := b.log.String()
	for _, want := range []string{
		`a VRRP group has our id: choose another one" from=10.77.0.2`,
		`a VRRP group has our id: choose another one" from=10.77.0.3`,
		`another CARP group has our id`, `not named as a peer`, `from beyond this LAN`,
	} {
		if strings.Count(said, want) != 1 {
			t.Errorf("want once: %s", want)
		}
	}
	if strings.Count(said, "\n") != 5 {
		t.Errorf("want five lines:\n%s", said)
	}
}

func TestDemotedBoxSaysSkew240WhereDemotionIsUnknown(t *testing.T) {
	b := newBox(t, first, nil)
	unwell := vip.Advert{VHID: 7, Skew: 3, Demotion: 5}
	spelled := []vip.Advert{b.link.spelled(unwell)}
	b.link.arrived(b.wire, b.advert(second, vip.Advert{VHID: 7, Base: 1, Skew: 10})) // as ucarp does
	for _, a := range []vip.Advert{unwell, ordinary, vip.BowOut(7)} {
		spelled = append(spelled, b.link.spelled(a))
	}
	want := []vip.Advert{unwell, {VHID: 7, Base: 1, Skew: 240, Demotion: 5}, ordinary, vip.BowOut(7)}
	if diff := cmp.Diff(want, spelled); diff != "" {
		t.Error(diff)
	}
}

func TestAddressOfAStrangerIsNotTaken(t *testing.T) {
	twin, printer := hardware{2, 0, 0, 0, 0, 2}, hardware{2, 0, 0, 0, 0, 9}
	var inUse *InUseError
	for _, c := range []struct {
		name  string
		story func(*claims)
		free  bool
	}{
		{"nobody answers", func(c *claims) {}, true},
		{"a stranger answers", func(c *claims) { c.note(claim{shared, printer}) }, false},
		{"a peer and a stranger answer", func(c *claims) { c.note(claim{second, twin}); c.note(claim{shared, printer}) }, false},
		{"a peer's kernel still has it", func(c *claims) { c.note(claim{second, twin}); c.note(claim{shared, twin}) }, true},
		{"the group's master has it", func(c *claims) { c.note(claim{shared, printer}); c.masterHeard() }, true},
		{"it was ours before", func(c *claims) { c.settle(); c.note(claim{shared, printer}) }, true},
		{"the stranger left", func(c *claims) { c.note(claim{shared, printer}); c.forget() }, true},
	} {
		var claims claims
		c.story(&claims)
		err := claims.stranger([]netip.Addr{shared})
		if (err == nil) != c.free || err != nil && !errors.As(err, &inUse) {
			t.Errorf("%s: %v, want free: %v", c.name, err, c.free)
		}
	}
}

func TestHeartbeatOfABackupIsNoAdvert(t *testing.T) {
	one, two := newBox(t, first, []netip.Addr{second}), newBox(t, second, []netip.Addr{first})
	introduce(one, two)
	one.link.hearBeat(two.link.peers[0].talk.Say(nil, vip.Backup, vip.Advert{}))
	if got := one.heard(); len(got) != 0 || len(one.link.Stats().Speaking) != 1 {
		t.Errorf("heard %+v from %v", got, one.link.Stats().Speaking)
	}
}
