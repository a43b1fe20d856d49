package lan

import (
	"encoding/hex"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/sys/unix"
)

var (
	ours      = hardware{2, 0, 0, 0, 0, 1}
	source    = netip.MustParseAddr("10.77.0.1")
	source6   = netip.MustParseAddr("fe80::1")
	shared    = netip.MustParseAddr("10.77.0.100")
	shared6   = netip.MustParseAddr("fd77::100")
	payload36 = strings.Repeat("ab", 36)
)

func bytesOf(t testing.TB, hexes ...string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(strings.Join(hexes, ""), " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func carp4(t testing.TB) []byte {
	b := appendEther(nil, multicastHardware(groupIPv4), ours, etherIPv4)
	return append(appendIPv4(b, source, groupIPv4, 0x1234, 36), bytesOf(t, payload36)...)
}

func carp6(t testing.TB) []byte {
	b := appendEther(nil, multicastHardware(groupIPv6), ours, etherIPv6)
	return append(appendIPv6(b, source6, groupIPv6, protocolCARP, 36), bytesOf(t, payload36)...)
}

func neighbour6() (frame []byte) {
	announce(nil, shared6, ours, func(b []byte) { frame = b })
	return frame
}

// The headers are those the facts of CARP name: TOS 0x10, don't fragment, TTL
// 255, protocol 112. Checksums were computed with another implementation.
func TestFramesAreTheseBytes(t *testing.T) {
	var arp []string
	announce(nil, shared, ours, func(b []byte) { arp = append(arp, hex.EncodeToString(b)) })
	for _, c := range []struct{ name, got, want string }{
		{"CARP over IPv4", hex.EncodeToString(carp4(t)),
			"01005e000012 020000000001 0800 45100038 12344000 ff70 7eb1 0a4d0001 e0000012" + payload36},
		{"CARP over IPv6", hex.EncodeToString(carp6(t)),
			"333300000012 020000000001 86dd 60000000 0024 70 ff fe800000000000000000000000000001 ff020000000000000000000000000012" + payload36},
		{"announcement as a request", arp[0],
			"ffffffffffff 020000000001 0806 0001 0800 06 04 0001 020000000001 0a4d0064 000000000000 0a4d0064"},
		{"announcement as a reply", arp[1],
			"ffffffffffff 020000000001 0806 0001 0800 06 04 0002 020000000001 0a4d0064 020000000001 0a4d0064"},
		{"question", hex.EncodeToString(probe(nil, shared, ours)),
			"ffffffffffff 020000000001 0806 0001 0800 06 04 0001 020000000001 00000000 000000000000 0a4d0064"},
		{"announcement of IPv6", hex.EncodeToString(neighbour6()),
			"333300000001 020000000001 86dd 60000000 0020 3a ff fd770000000000000000000000000100 ff020000000000000000000000000001" +
				"88 00 57af 20000000 fd770000000000000000000000000100 0201 020000000001"},
		{"question about IPv6", hex.EncodeToString(probe(nil, shared6, ours)),
			"3333ff000100 020000000001 86dd 60000000 0018 3a ff 00000000000000000000000000000000 ff0200000000000000000001ff000100" +
				"87 00 7b30 00000000 fd770000000000000000000000000100"},
	} {
		if want := strings.ReplaceAll(c.want, " ", ""); c.got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, c.got, want)
		}
	}
}

func TestParsingSaysWhyAPacketDoesNotCount(t *testing.T) {
	change := func(b []byte, at int, to byte) []byte {
		b[etherSize+at] = to
		return b[etherSize:]
	}
	routed := carp4(t)[etherSize:]
	routed[8], routed[10], routed[11] = 254, 0, 0
	s := ^sum(routed[:ipv4Size])
	routed[10], routed[11] = byte(s>>8), byte(s)
	for _, c := range []struct {
		name string
		kind uint16
		body []byte
		want error
	}{
		{"ours", etherIPv4, carp4(t)[etherSize:], nil},
		{"with padding", etherIPv4, append(carp4(t)[etherSize:], 0, 0), nil},
		{"ours, IPv6", etherIPv6, carp6(t)[etherSize:], nil},
		{"nothing", etherIPv4, nil, errNoCARP},
		{"cut off", etherIPv4, carp4(t)[etherSize : etherSize+50], errNoCARP},
		{"cut off, IPv6", etherIPv6, carp6(t)[etherSize : etherSize+70], errNoCARP},
		{"of another protocol", etherIPv4, change(carp4(t), 9, 17), errNoCARP},
		{"a fragment", etherIPv4, change(carp4(t), 6, 0x20), errNoCARP},
		{"a short header", etherIPv4, change(carp4(t), 0, 0x44), errNoCARP},
		{"another version", etherIPv4, carp6(t)[etherSize:], errNoCARP},
		{"damaged", etherIPv4, change(carp4(t), 1, 0), errDamaged},
		{"routed", etherIPv4, routed, errRouted},
		{"routed, IPv6", etherIPv6, change(carp6(t), 7, 64), errRouted},
	} {
		p, err := parseCARP(c.kind, c.body)
		if !errors.Is(err, c.want) || err == nil && hex.EncodeToString(p.payload) != payload36 {
			t.Errorf("%s: %v with payload %x, want %v", c.name, err, p.payload, c.want)
		}
	}
}

func TestClaimsAreReadFromARPAndNeighbourDiscovery(t *testing.T) {
	request := appendARP(nil, arpRequest, ours, shared, hardware{}, shared)
	solicit := probe(nil, shared6, ours)
	for _, c := range []struct {
		name string
		kind uint16
		body []byte
		want []claim
	}{
		{"ARP", etherARP, request[etherSize:], []claim{{shared, ours}}},
		{"half an ARP", etherARP, request[etherSize : etherSize+20], nil},
		{"advertisement", etherIPv6, neighbour6()[etherSize:], []claim{{shared6, ours}}},
		{"advertisement without hardware", etherIPv6, neighbour6()[etherSize : etherSize+64], []claim{{shared6, hardware{}}}},
		{"question", etherIPv6, solicit[etherSize:], nil},
	} {
		var got []claim
		if n, ok := parseClaim(c.kind, c.body); ok {
			got = append(got, n)
		}
		compare := cmp.Options{cmpopts.EquateComparable(netip.Addr{}), cmp.AllowUnexported(claim{})}
		if diff := cmp.Diff(c.want, got, compare); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
	}
}

// The kernel itself judges: it runs the filter on whatever socket asks.
func TestFilterWakesUsForWhatWeReadOnly(t *testing.T) {
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(ends[0])
	defer unix.Close(ends[1])
	other, third := netip.MustParseAddr("10.77.0.9"), netip.MustParseAddr("10.77.0.2")
	if err := attach(ends[1], filter([]netip.Addr{shared, shared6, third})); err != nil {
		t.Fatal(err)
	}
	udp := carp4(t)
	udp[etherSize+9] = 17
	tcp6 := carp6(t)
	tcp6[etherSize+6] = 6
	for _, c := range []struct {
		name  string
		frame []byte
		want  bool
	}{
		{"CARP", carp4(t), true},
		{"CARP over IPv6", carp6(t), true},
		{"UDP", udp, false},
		{"TCP over IPv6", tcp6, false},
		{"ARP of the shared address", appendARP(nil, arpReply, ours, shared, ours, shared), true},
		{"ARP of a peer", appendARP(nil, arpReply, ours, third, ours, third), true},
		{"ARP of anybody else", appendARP(nil, arpReply, ours, other, ours, other), false},
		{"ARP about the shared address", appendARP(nil, arpRequest, ours, other, ours, shared), false},
		{"neighbour advertisement", neighbour6(), true},
		{"neighbour solicitation", probe(nil, shared6, ours), false},
		{"another kind", appendEther(nil, broadcast, ours, 0x88cc), false},
	} {
		// A datagram that the filter refuses fails to be sent on this kind of socket
		// or vanishes, depending on the kernel.
		unix.Write(ends[0], c.frame)
		var buffer [256]byte
		n, err := unix.Read(ends[1], buffer[:])
		if got := err == nil && n == len(c.frame); got != c.want {
			t.Errorf("%s: let through: %v (%d of %d bytes, %v), want %v", c.name, got, n, len(c.frame), err, c.want)
		}
	}
}

func FuzzArrivedFrames(f *testing.F) {
	f.Add(carp4(f))
	f.Add(carp6(f))
	f.Add(neighbour6())
	f.Add(appendARP(nil, arpReply, ours, shared, ours, shared))
	f.Fuzz(func(t *testing.T, frame []byte) {
		b := newBox(t, source, nil)
		b.link.arrived(b.wire, frame)
		if n := b.link.Stats().Heard; n != 0 {
			t.Errorf("%x counted as an advert: nobody can guess a digest", frame)
		}
	})
}
