package lan

import (
	"encoding/binary"
	"net/netip"
)

// How neighbours learn and are asked where an address lives: ARP (RFC 826) and
// neighbour discovery (RFC 4861).

const (
	arpRequest = 1
	arpReply   = 2

	icmpSolicitation  = 135
	icmpAdvertisement = 136
	override          = 0x20 // flag of an advertisement: forget what you knew
)

// appendARP adds a whole Ethernet frame to everybody.
func appendARP(b []byte, operation uint16, mine hardware, sender netip.Addr, theirs hardware, target netip.Addr) []byte {
	b = appendEther(b, broadcast, mine, etherARP)
	b = append(b, 0, 1, 8, 0, 6, 4) // Ethernet, IPv4
	b = binary.BigEndian.AppendUint16(b, operation)
	b = append(append(b, mine[:]...), sender.AsSlice()...)
	return append(append(b, theirs[:]...), target.AsSlice()...)
}

// announce builds the frames that tell everybody that a lives at mine, and
// calls send with each. An IPv4 address is announced in both forms: as a
// request for itself, which most systems follow, and as a reply.
func announce(buffer []byte, a netip.Addr, mine hardware, send func([]byte)) {
	if a.Is4() {
		send(appendARP(buffer[:0], arpRequest, mine, a, hardware{}, a))
		send(appendARP(buffer[:0], arpReply, mine, a, mine, a))
		return
	}
	send(appendNeighbour(buffer[:0], icmpAdvertisement, override, mine, a, allNodes, a))
}

// probe asks everybody who has a, without claiming it: the sender's address is
// unspecified (RFC 5227, RFC 4862).
func probe(buffer []byte, a netip.Addr, mine hardware) []byte {
	if a.Is4() {
		return appendARP(buffer[:0], arpRequest, mine, netip.IPv4Unspecified(), hardware{}, a)
	}
	return appendNeighbour(buffer[:0], icmpSolicitation, 0, mine, netip.IPv6Unspecified(), solicited(a), a)
}

// solicited is the group that the holder of a listens to.
func solicited(a netip.Addr) netip.Addr {
	b := a.As16()
	return netip.AddrFrom16([16]byte{0xff, 2, 11: 1, 12: 0xff, 13: b[13], 14: b[14], 15: b[15]})
}

// appendNeighbour adds a whole frame. The option that names our hardware goes
// with every message but a probe, which must not have it.
func appendNeighbour(b []byte, kind, flags byte, mine hardware, from, to, target netip.Addr) []byte {
	const targetHardware = 2
	payload := 24
	if kind == icmpAdvertisement {
		payload += 8
	}
	b = appendEther(b, multicastHardware(to), mine, etherIPv6)
	at := len(b)
	b = appendIPv6(b, from, to, protocolICMPv6, payload)
	message := len(b)
	b = append(b, kind, 0, 0, 0, flags, 0, 0, 0)
	b = append(b, target.AsSlice()...)
	if kind == icmpAdvertisement {
		b = append(append(b, targetHardware, 1), mine[:]...)
	}
	binary.BigEndian.PutUint16(b[message+2:], ^icmpSum(b[at:]))
	return b
}

// icmpSum is the checksum of an ICMPv6 packet and its pseudo header: addresses,
// length and protocol.
func icmpSum(packet []byte) uint16 {
	pseudo := make([]byte, 0, 128)
	pseudo = append(pseudo, packet[8:40]...)
	pseudo = append(pseudo, 0, 0, packet[4], packet[5], 0, 0, 0, protocolICMPv6)
	return sum(append(pseudo, packet[ipv6Size:]...))
}

// claim is somebody's word that an address lives at their hardware.
type claim struct {
	address  netip.Addr
	hardware hardware
}

// parseClaim reads an ARP packet or neighbour advertisement.
func parseClaim(kind uint16, b []byte) (claim, bool) {
	if kind == etherARP {
		if len(b) < 28 || [6]byte(b[:6]) != [6]byte{0, 1, 8, 0, 6, 4} {
			return claim{}, false
		}
		return claim{netip.AddrFrom4([4]byte(b[14:18])), hardware(b[8:14])}, true
	}
	const length = ipv6Size + 24
	if kind != etherIPv6 || len(b) < length || b[6] != protocolICMPv6 || b[7] != farthest ||
		b[ipv6Size] != icmpAdvertisement {
		return claim{}, false
	}
	c := claim{address: netip.AddrFrom16([16]byte(b[ipv6Size+8 : length]))}
	if options := b[length:]; len(options) >= 8 && options[0] == 2 && options[1] == 1 {
		c.hardware = hardware(options[2:8])
	}
	return c, true
}
