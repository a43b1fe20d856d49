//go:build system

package daemon_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/argss/argss/vip/labtest"
)

// hardware is the box's Ethernet address.
func hardware(b *labtest.Box) string {
	_, rest, _ := strings.Cut(b.Run("ip", "-o", "link", "show", "dev", "eth0"), "link/ether ")
	return strings.Fields(rest)[0]
}

// reaches waits until a client's neighbour table leads it to a box.
func reaches(t *testing.T, client *labtest.Box, address string, to *box) {
	t.Helper()
	want := hardware(to.Box)
	labtest.Wait(t, fmt.Sprintf("a client of %s to reach %s (%s)", address, to.Name, want), func() bool {
		client.Try("bash", "-c", "exec 3<>/dev/tcp/"+address+"/9") // refused, but asked for
		return strings.Contains(client.Run("ip", "neighbour", "show", address), want)
	})
}

func TestSystemIPv6MovesToo(t *testing.T) {
	lab := labtest.New(t)
	one, two := newBox(t, lab, 1), newBox(t, lab, 2)
	client := lab.Box("client", "fd77::9/64")
	for i, b := range []*box{one, two} {
		b.source = address6(i + 1)
		b.vipd = b.Start(program, "-interface", "eth0", "-source", address6(i+1), "-peer", address6(2-i),
			"-address", shared6+"/64", "-vhid", "7", "-secret-file", b.secret)
		b.is("backup")
		if b == one {
			labtest.Wait(t, "the first box to hold the address", func() bool { return one.Has(shared6) })
		}
	}
	reaches(t, client, shared6, one)
	one.vipd.Kill()
	labtest.Wait(t, "the second box to hold the address", func() bool { return two.Has(shared6) && !one.Has(shared6) })
	reaches(t, client, shared6, two)
}

func TestSystemThreeBoxesKeepOneAddress(t *testing.T) {
	lab := labtest.New(t)
	var boxes []*box
	for i := 1; i <= 3; i++ {
		boxes = append(boxes, newBox(t, lab, i))
	}
	for _, b := range boxes {
		b.begin(b.peers(3)...)
	}
	client := lab.Box("client", "10.77.0.9/24")
	first := single(t, boxes...)
	reaches(t, client, shared, first)
	first.vipd.Kill()
	second := single(t, boxes...)
	reaches(t, client, shared, second)
	second.vipd.Terminate()
	third := single(t, boxes...)
	reaches(t, client, shared, third)
	first.begin(first.peers(3)...)
	second.begin(second.peers(3)...)
	if last := single(t, boxes...); last != third {
		t.Errorf("the address went from %s to %s when boxes came back", third.Name, last.Name)
	}
	if first == second || second == third || third == first {
		t.Errorf("held by %s, %s, %s in turn", first.Name, second.Name, third.Name)
	}
}

func TestSystemPulledCableMovesTheAddressAndReturnedDoesNot(t *testing.T) {
	lab, one, two := twins(t)
	client := lab.Box("client", "10.77.0.9/24")
	reaches(t, client, shared, one)
	one.Pull()
	one.holds(false)
	two.holds(true)
	reaches(t, client, shared, two)
	one.vipd.Expect(`reason="link down"`)
	before := strings.Count(one.vipd.Log(), "to=backup")
	one.Plug()
	labtest.Wait(t, "the returned box to listen", func() bool {
		return strings.Count(one.vipd.Log(), "to=backup") > before
	})
	if single(t, one, two) != two {
		t.Error("the returned box took the address back")
	}
}

func TestSystemInterfaceThatComesBackIsUsed(t *testing.T) {
	_, one, two := twins(t)
	one.Run("ip", "link", "set", "eth0", "address", "02:00:00:00:00:77") // as another adapter would have
	labtest.Wait(t, "the first box to be master or backup again", func() bool {
		return strings.Contains(one.vipd.Log(), `reason="link down"`) && strings.Count(one.vipd.Log(), `reason="link up"`) > 1
	})
	holder := single(t, one, two)
	holder.vipd.Kill()
	other := one
	if holder == one {
		other = two
	}
	other.holds(true)
}

func TestSystemDeafBoxIsOverruledByTheHealedLAN(t *testing.T) {
	lab, one, two := twins(t)
	client := lab.Box("client", "10.77.0.9/24")
	reaches(t, client, shared, one)
	two.Deafen()
	two.holds(true) // it hears nobody; nothing else could it think
	reaches(t, client, shared, one)
	two.Undeafen()
	two.holds(false)
	if single(t, one, two) != one {
		t.Error("the better box lost its address to the one that was deaf")
	}
	reaches(t, client, shared, one)
}

func TestSystemAddressOfAStrangerIsLeftAlone(t *testing.T) {
	lab := labtest.New(t)
	printer := lab.Box("printer", shared+"/24")
	one := newBox(t, lab, 1)
	one.begin("-control", one.socket)
	one.vipd.Expect("is already used by the machine with hardware address")
	if s := one.status(); one.Has(shared) || !strings.Contains(s.TakeError, hardware(printer)) {
		t.Errorf("want an error that names %s: %+v", hardware(printer), s)
	}
	printer.Run("ip", "address", "del", shared+"/24", "dev", "eth0")
	one.holds(true)
}

// forge gives a recorded advert another rank, as anybody on the LAN can.
func forge(frame []byte, base, skew byte) []byte {
	const payload, checksum = 34, 6
	out := append([]byte(nil), frame...)
	carp := out[payload:]
	carp[2], carp[5], carp[checksum], carp[checksum+1] = skew, base, 0, 0
	var sum uint32
	for i := 0; i < 36; i += 2 {
		sum += uint32(carp[i])<<8 | uint32(carp[i+1])
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	carp[checksum], carp[checksum+1] = byte(^sum>>8), byte(^sum)
	return out
}

func isCARP(f []byte) bool { return len(f) >= 70 && f[12] == 8 && f[13] == 0 && f[23] == 112 }
func isBeat(f []byte) bool {
	return len(f) >= 42 && f[12] == 8 && f[13] == 0 && f[23] == 17 && len(f) > 140
}

func TestSystemForgedAndReplayedFramesMoveNothing(t *testing.T) {
	lab := labtest.New(t)
	one, two := newBox(t, lab, 1), newBox(t, lab, 2)
	for _, b := range []*box{one, two} {
		b.begin(append(b.peers(2), "-control", b.socket)...)
		b.is("backup")
	}
	holder := single(t, one, two)
	for _, b := range []*box{one, two} {
		labtest.Wait(t, b.Name+" to know its twin", func() bool { return len(b.status().Peers) == 1 })
	}
	before := [2]int{one.status().Transitions, two.status().Transitions}
	taps := []*labtest.Tap{one.Tap(), two.Tap()}
	adverts, beats := taps[1].Record(20, isCARP), taps[1].Record(20, isBeat)
	inNameOf := func(frame []byte, from string) []byte {
		out, a := append([]byte(nil), frame...), netip.MustParseAddr(from).As4()
		copy(out[26:30], a[:])
		out[24], out[25] = 0, 0
		var sum uint32
		for i := 14; i < 34; i += 2 {
			sum += uint32(out[i])<<8 | uint32(out[i+1])
		}
		for sum > 0xffff {
			sum = sum>>16 + sum&0xffff
		}
		out[24], out[25] = byte(^sum>>8), byte(^sum)
		return out
	}
	for _, tap := range taps {
		for i := range adverts {
			tap.Send(adverts[i])
			tap.Send(beats[i])
			for _, from := range []string{"10.77.0.1", "10.77.0.2", "10.77.0.66"} {
				tap.Send(inNameOf(forge(adverts[i], 255, 255), from))
				tap.Send(inNameOf(forge(adverts[i], 0, 1), from))
			}
		}
	}
	if single(t, one, two) != holder {
		t.Error("the address moved")
	}
	if after := [2]int{one.status().Transitions, two.status().Transitions}; after != before {
		t.Errorf("changes of state went from %v to %v", before, after)
	}
}

// The same forgery works where CARP is all there is; else the test above would
// prove nothing.
func TestSystemForgedGoodbyeMovesTheAddressOfBoxesWithoutHeartbeat(t *testing.T) {
	lab := labtest.New(t)
	one, two := newBox(t, lab, 1), newBox(t, lab, 2)
	one.begin()
	one.holds(true)
	two.begin()
	two.is("backup")
	tap := two.Tap()
	tap.Send(forge(tap.Record(1, isCARP)[0], 255, 255))
	two.vipd.Expect("10.77.0.1 bowed out")
}
