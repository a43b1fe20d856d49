package carp_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/argss/argss/vip"
	"github.com/argss/argss/vip/carp"
	"github.com/google/go-cmp/cmp"
)

// captured is an advert of Debian's ucarp: passphrase s3cret, vhid 7, address
// 10.77.0.100, skew 10, base 1.
const captured = "21070a0700019161" + "222c7aaf5d7727e1" + "7f7208c907f3a6b0866b3611f1a39f6629a37351"

var capturedPacket = carp.Packet{
	Advert:  vip.Advert{VHID: 7, Base: 1, Skew: 10},
	Counter: 0x222c7aaf5d7727e1,
}

func key(t testing.TB, secret string, addresses ...string) *carp.Key {
	t.Helper()
	var parsed []netip.Addr
	for _, a := range addresses {
		parsed = append(parsed, netip.MustParseAddr(a))
	}
	k, err := carp.NewKey(secret, parsed...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func fromHex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFrameIsThatOfUcarp(t *testing.T) {
	k := key(t, "s3cret", "10.77.0.100")
	frame := k.Append([]byte("before"), capturedPacket)
	if diff := cmp.Diff("before"+string(fromHex(t, captured)), string(frame)); diff != "" {
		t.Errorf("frame differs from the captured one:\n%s", diff)
	}
	packet, err := k.Parse(fromHex(t, captured))
	if diff := cmp.Diff(capturedPacket, packet); diff != "" || err != nil {
		t.Errorf("parsed (%v):\n%s", err, diff)
	}
}

// FreeBSD lists link-local addresses, OpenBSD sends without and accepts both.
func TestDigestListsAddressesAsTheBSDsDo(t *testing.T) {
	p := carp.Packet{Advert: vip.Advert{VHID: 1, Base: 1}, Counter: 5}
	sorted := key(t, "x", "9.0.0.1", "10.0.0.1", "fd00::1", "fd00::2")
	mixed := key(t, "x", "fd00::2", "10.0.0.1", "::ffff:9.0.0.1", "fd00::1", "10.0.0.1", "fe80::1%eth0")
	if diff := cmp.Diff(sorted.Append(nil, p), mixed.Append(nil, p)); diff != "" {
		t.Errorf("order, repetition, notation or a link-local address changed the digest:\n%s", diff)
	}
	// HMAC-SHA1("x", 02 01 01, 09000001, 0a000001, fd00::1, fd00::2, fe80::1, 0...05)
	// computed with another implementation.
	freebsd := fromHex(t, "2101000700015aef"+"0000000000000005"+"98e1850f98c650cb4c5396424da4028e19643053")
	if _, err := mixed.Parse(freebsd); err != nil {
		t.Errorf("a frame with the link-local address listed: %v", err)
	}
	if _, err := sorted.Parse(freebsd); !errors.Is(err, carp.ErrDigest) {
		t.Errorf("a frame with an address we do not share: %v, want %v", err, carp.ErrDigest)
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	ours := key(t, "s3cret", "10.77.0.100")
	change := func(at int, to byte) []byte {
		frame := fromHex(t, captured)
		frame[at] = to
		return frame
	}
	group0 := ours.Append(nil, carp.Packet{Advert: vip.Advert{Base: 1}})
	for _, c := range []struct {
		name  string
		key   *carp.Key
		frame []byte
		want  error
	}{
		{"nothing", ours, nil, carp.ErrLength},
		{"too short", ours, fromHex(t, captured)[:35], carp.ErrLength},
		{"too long", ours, append(fromHex(t, captured), 0), carp.ErrLength},
		{"VRRP version 3", ours, change(0, 0x31), carp.ErrVersion},
		{"foreign authentication", ours, change(3, 0), carp.ErrVersion},
		{"damaged on the way", ours, change(2, 11), carp.ErrChecksum},
		{"damaged checksum", ours, change(7, 0), carp.ErrChecksum},
		{"group 0", ours, group0, carp.ErrVHID},
		{"another passphrase", key(t, "other", "10.77.0.100"), fromHex(t, captured), carp.ErrDigest},
		{"another address", key(t, "s3cret", "10.77.0.101"), fromHex(t, captured), carp.ErrDigest},
		{"one address more", key(t, "s3cret", "10.77.0.100", "10.77.0.101"), fromHex(t, captured), carp.ErrDigest},
	} {
		if _, err := c.key.Parse(c.frame); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}

func TestKeyRefusesWhatOthersCannotUse(t *testing.T) {
	shared := netip.MustParseAddr("10.0.0.1")
	for name, make := range map[string]func() (*carp.Key, error){
		"empty passphrase": func() (*carp.Key, error) { return carp.NewKey("", shared) },
		"long passphrase":  func() (*carp.Key, error) { return carp.NewKey(strings.Repeat("x", 21), shared) },
		"no address":       func() (*carp.Key, error) { return carp.NewKey("x") },
		"empty address":    func() (*carp.Key, error) { return carp.NewKey("x", shared, netip.Addr{}) },
	} {
		if _, err := make(); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// A frame either fails to parse or comes out of Append again bit by bit.
func FuzzParse(f *testing.F) {
	k := key(f, "s3cret", "10.77.0.100")
	f.Add(fromHex(f, captured))
	f.Add(k.Append(nil, carp.Packet{Advert: vip.BowOut(7)}))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, frame []byte) {
		packet, err := k.Parse(frame)
		if err == nil && !bytes.Equal(frame, k.Append(nil, packet)) {
			t.Errorf("%x parsed as %+v, which is %x", frame, packet, k.Append(nil, packet))
		}
	})
}

// The fuzzer cannot guess digests, so it also starts from the content.
func FuzzAppendThenParse(f *testing.F) {
	k := key(f, "s3cret", "10.77.0.100", "fd00::1")
	f.Add(uint8(7), uint8(1), uint8(10), uint8(0), uint64(1))
	f.Fuzz(func(t *testing.T, vhid, base, skew, demotion uint8, counter uint64) {
		want := carp.Packet{
			Advert:  vip.Advert{VHID: max(1, vhid), Base: base, Skew: skew, Demotion: demotion},
			Counter: counter,
		}
		got, err := k.Parse(k.Append(nil, want))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("round trip (%v):\n%s", err, diff)
		}
	})
}
