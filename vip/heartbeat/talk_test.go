package heartbeat_test

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"testing"
	"time"

	"github.com/argss/argss/vip"
	"github.com/argss/argss/vip/heartbeat"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var (
	one    = netip.MustParseAddr("10.77.0.1")
	two    = netip.MustParseAddr("10.77.0.2")
	advert = vip.Advert{VHID: 7, Skew: 3, Demotion: 5}
)

func key(t testing.TB, passphrase string) *heartbeat.Key {
	t.Helper()
	k, err := heartbeat.NewKey(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// dice draws numbers that differ between boxes and runs.
func dice(seed uint64) func() uint64 {
	return func() uint64 { seed += 1 << 20; return seed }
}

type pair struct {
	*testing.T
	now  time.Duration
	a, b *heartbeat.Talk
}

func newPair(t *testing.T) *pair {
	p := &pair{T: t, now: time.Second}
	p.a, p.b = p.start(one, two, 1), p.start(two, one, 2)
	return p
}

func (p *pair) start(self, peer netip.Addr, seed uint64) *heartbeat.Talk {
	return heartbeat.NewTalk(key(p, "s3cret"), 7, self, peer, dice(seed))
}

// meet exchanges messages until nobody has an answer.
func (p *pair) meet() {
	p.Helper()
	p.carry(p.a.Say(nil, vip.Backup, advert), p.b, p.a)
	p.carry(p.b.Say(nil, vip.Backup, advert), p.a, p.b)
	if !p.a.Speaks(p.now) || !p.b.Speaks(p.now) {
		p.Fatal("two boxes met and do not believe each other")
	}
}

func (p *pair) carry(message []byte, to, from *heartbeat.Talk) {
	for range 10 {
		p.now += 10 * time.Millisecond
		_, _, message = to.Hear(message, p.now)
		if message == nil {
			return
		}
		to, from = from, to
	}
	p.Fatal("the two never stop answering")
}

func (p *pair) hear(t *heartbeat.Talk, message []byte) heartbeat.Verdict {
	p.now += 10 * time.Millisecond
	_, v, _ := t.Hear(message, p.now)
	return v
}

func TestMasterIsHeardAsItIs(t *testing.T) {
	p := newPair(t)
	p.meet()
	m, v, _ := p.b.Hear(p.a.Say(nil, vip.Master, advert), p.now)
	got := heartbeat.Message{State: m.State, Advert: m.Advert, From: m.From, To: m.To}
	want := heartbeat.Message{State: vip.Master, Advert: advert, From: one, To: two}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" || v != heartbeat.Believed {
		t.Errorf("verdict %v:\n%s", v, diff)
	}
}

func TestNothingIsBelievedTwice(t *testing.T) {
	p := newPair(t)
	p.meet()
	first, second := p.a.Say(nil, vip.Master, advert), p.a.Say(nil, vip.Master, advert)
	var got []heartbeat.Verdict
	for _, message := range [][]byte{first, first, second, first, second} {
		got = append(got, p.hear(p.b, message))
	}
	want := []heartbeat.Verdict{heartbeat.Believed, heartbeat.Old, heartbeat.Believed, heartbeat.Old, heartbeat.Old}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNothingRecordedBeforeARestartIsBelievedAfter(t *testing.T) {
	for name, restart := range map[string]func(*pair){
		"of the sender":   func(p *pair) { p.a = p.start(one, two, 3) },
		"of the receiver": func(p *pair) { p.b = p.start(two, one, 4) },
		"of both":         func(p *pair) { p.a, p.b = p.start(one, two, 3), p.start(two, one, 4) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPair(t)
			var recorded [][]byte
			record := func() {
				recorded = append(recorded, p.a.Say(nil, vip.Master, advert))
				p.hear(p.b, recorded[len(recorded)-1])
			}
			record()
			p.meet()
			record()
			record()
			restart(p)
			for i, message := range recorded {
				if v := p.hear(p.b, message); v != heartbeat.Old {
					t.Errorf("recorded message %d before the boxes met again: verdict %v, want old", i, v)
				}
			}
			p.meet()
			for i, message := range recorded {
				if v := p.hear(p.b, message); v != heartbeat.Old {
					t.Errorf("recorded message %d: verdict %v, want old", i, v)
				}
			}
			if v := p.hear(p.b, p.a.Say(nil, vip.Master, advert)); v != heartbeat.Believed {
				t.Errorf("the replays made us deaf: verdict %v", v)
			}
		})
	}
}

func TestOldMessagesCannotMakeUsFlood(t *testing.T) {
	p := newPair(t)
	old := p.a.Say(nil, vip.Master, advert)
	answers := 0
	for range 1000 {
		if _, _, answer := p.b.Hear(old, p.now); answer != nil {
			answers++
		}
	}
	if answers != 1 {
		t.Errorf("%d answers at one moment, want 1", answers)
	}
}

func TestMessagesOfOthersAreForeign(t *testing.T) {
	p := newPair(t)
	p.meet()
	three := netip.MustParseAddr("10.77.0.3")
	reflected := p.b.Say(nil, vip.Master, advert)
	toThree := p.start(one, three, 9).Say(nil, vip.Master, advert)
	fromThree := p.start(three, two, 9).Say(nil, vip.Master, advert)
	otherGroup := heartbeat.NewTalk(key(t, "s3cret"), 8, one, two, dice(9)).Say(nil, vip.Master, advert)
	otherSecret := heartbeat.NewTalk(key(t, "other"), 7, one, two, dice(9)).Say(nil, vip.Master, advert)
	for name, c := range map[string]struct {
		message []byte
		want    heartbeat.Verdict
	}{
		"our own":          {reflected, heartbeat.Foreign},
		"to another box":   {toThree, heartbeat.Foreign},
		"from another box": {fromThree, heartbeat.Foreign},
		"another group":    {otherGroup, heartbeat.Foreign},
		"noise":            {[]byte("hello"), heartbeat.Foreign},
		"other passphrase": {otherSecret, heartbeat.Forged},
	} {
		if v := p.hear(p.b, c.message); v != c.want {
			t.Errorf("%s: verdict %v, want %v", name, v, c.want)
		}
	}
}

func TestPeerSilentForAMinuteNoLongerSpeaks(t *testing.T) {
	p := newPair(t)
	p.meet()
	if !p.b.Speaks(p.now+heartbeat.Memory-time.Second) || p.b.Speaks(p.now+heartbeat.Memory+time.Second) {
		t.Errorf("a peer should count as speaking for %v after its last word", heartbeat.Memory)
	}
}

// The bytes are part of the protocol. The vector was computed with another
// implementation of HKDF and HMAC.
func TestMessageIsThatOfTheVector(t *testing.T) {
	m := heartbeat.Message{
		State: vip.Master, Advert: advert, From: one, To: two,
		Session: 0x0102030405060708, Counter: 9, Challenge: 0xa, Echo: 0xb,
	}
	const want = "41564831" + "07" + "02" + "000305" + "000000" +
		"00000000000000000000ffff0a4d0001" + "00000000000000000000ffff0a4d0002" +
		"0102030405060708" + "0000000000000009" + "000000000000000a" + "000000000000000b" +
		"b2c201450c38466428793d9116ad24c44873ab13ca4ed9a135ff390cf1f50bc0"
	if got := hex.EncodeToString(key(t, "s3cret").Append(nil, m)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEveryChangedBitIsNoticed(t *testing.T) {
	k := key(t, "s3cret")
	message := k.Append(nil, heartbeat.Message{Advert: advert, From: one, To: two})
	for bit := range len(message) * 8 {
		changed := bytes.Clone(message)
		changed[bit/8] ^= 1 << (bit % 8)
		if _, err := k.Parse(changed); err == nil {
			t.Errorf("bit %d of byte %d can be changed", bit%8, bit/8)
		}
	}
}

// The fuzzer cannot guess authentications, so it starts from the content too.
func FuzzAppendThenParse(f *testing.F) {
	k := key(f, "s3cret")
	f.Add([]byte{}, uint8(2), uint8(7), uint8(3), uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, b []byte, state, vhid, skew uint8, session, echo uint64) {
		if m, err := k.Parse(b); err == nil && !bytes.Equal(b, k.Append(nil, m)) {
			t.Errorf("%x parsed as %+v, which is %x", b, m, k.Append(nil, m))
		}
		want := heartbeat.Message{
			State: vip.State(state % 3), Advert: vip.Advert{VHID: vhid, Skew: skew},
			From: one, To: two, Session: session, Echo: echo,
		}
		got, err := k.Parse(k.Append(nil, want))
		if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" || err != nil {
			t.Errorf("round trip (%v):\n%s", err, diff)
		}
	})
}
