package lan

import (
	"encoding/binary"
	"errors"
	"net/netip"
)

// hardware is an Ethernet address.
type hardware [6]byte

const (
	etherIPv4 = 0x0800
	etherARP  = 0x0806
	etherIPv6 = 0x86dd

	etherSize = 14
	ipv4Size  = 20
	ipv6Size  = 40

	protocolCARP   = 112
	protocolICMPv6 = 58
	farthest       = 255 // TTL and hop limit of a packet that passed no router
)

var (
	broadcast  = hardware{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	groupIPv4  = netip.MustParseAddr("224.0.0.18")
	groupIPv6  = netip.MustParseAddr("ff02::12")
	allNodes   = netip.MustParseAddr("ff02::1")
	errNoCARP  = errors.New("not a whole CARP packet")
	errRouted  = errors.New("TTL is not 255: it came through a router")
	errDamaged = errors.New("IP header checksum does not match")
)

// groupOf is the multicast group of adverts in a's family.
func groupOf(a netip.Addr) netip.Addr {
	if a.Is4() {
		return groupIPv4
	}
	return groupIPv6
}

// multicastHardware is where Ethernet carries a multicast address.
func multicastHardware(a netip.Addr) hardware {
	if a.Is4() {
		b := a.As4()
		return hardware{0x01, 0x00, 0x5e, b[1] & 0x7f, b[2], b[3]}
	}
	b := a.As16()
	return hardware{0x33, 0x33, b[12], b[13], b[14], b[15]}
}

func appendEther(b []byte, to, from hardware, kind uint16) []byte {
	b = append(b, to[:]...)
	b = append(b, from[:]...)
	return binary.BigEndian.AppendUint16(b, kind)
}

// appendIPv4 adds the header of a CARP packet, without options.
func appendIPv4(b []byte, from, to netip.Addr, id uint16, payload int) []byte {
	const lowDelay, dontFragment = 0x10, 0x4000
	at := len(b)
	b = append(b, 0x45, lowDelay)
	b = binary.BigEndian.AppendUint16(b, uint16(ipv4Size+payload))
	b = binary.BigEndian.AppendUint16(b, id)
	b = binary.BigEndian.AppendUint16(b, dontFragment)
	b = append(b, farthest, protocolCARP, 0, 0)
	b = append(append(b, from.AsSlice()...), to.AsSlice()...)
	binary.BigEndian.PutUint16(b[at+10:], ^sum(b[at:]))
	return b
}

func appendIPv6(b []byte, from, to netip.Addr, protocol byte, payload int) []byte {
	b = append(b, 0x60, 0, 0, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(payload))
	b = append(b, protocol, farthest)
	return append(append(b, from.AsSlice()...), to.AsSlice()...)
}

// sum is the Internet checksum before it is inverted; the length must be even.
func sum(b []byte) uint16 {
	var s uint32
	for i := 0; i < len(b); i += 2 {
		s += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return uint16(s)
}

// packet is an IP packet that carries protocol 112.
type packet struct {
	from, to netip.Addr
	payload  []byte // of the parsed bytes
}

// parseCARP reads the IP packet behind an Ethernet header. When it fails, from
// is still set if it could be read.
func parseCARP(kind uint16, b []byte) (packet, error) {
	switch {
	case kind == etherIPv4 && len(b) >= ipv4Size && b[0]>>4 == 4:
		return parseIPv4(b)
	case kind == etherIPv6 && len(b) >= ipv6Size && b[0]>>4 == 6:
		return parseIPv6(b)
	}
	return packet{}, errNoCARP
}

func parseIPv4(b []byte) (packet, error) {
	const moreFragments, offset = 0x2000, 0x1fff
	header, total := int(b[0]&0xf)*4, int(binary.BigEndian.Uint16(b[2:]))
	p := packet{from: netip.AddrFrom4([4]byte(b[12:16])), to: netip.AddrFrom4([4]byte(b[16:20]))}
	switch {
	case header < ipv4Size || total < header || len(b) < total || b[9] != protocolCARP,
		binary.BigEndian.Uint16(b[6:])&(moreFragments|offset) != 0:
		return p, errNoCARP
	case sum(b[:header]) != 0xffff:
		return p, errDamaged
	case b[8] != farthest:
		return p, errRouted
	}
	p.payload = b[header:total]
	return p, nil
}

func parseIPv6(b []byte) (packet, error) {
	payload := int(binary.BigEndian.Uint16(b[4:]))
	p := packet{from: netip.AddrFrom16([16]byte(b[8:24])), to: netip.AddrFrom16([16]byte(b[24:40]))}
	switch {
	case b[6] != protocolCARP || len(b) < ipv6Size+payload:
		return p, errNoCARP
	case b[7] != farthest:
		return p, errRouted
	}
	p.payload = b[ipv6Size : ipv6Size+payload]
	return p, nil
}
