package lan

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/sys/unix"
)

// accepted is how much of a packet the filter lets through: all of it.
const accepted = 0x40000

// filter is the program that the kernel runs on every packet of the interface,
// so that only what this package reads wakes this process: protocol 112, ARP
// in which the sender has one of the watched addresses, and IPv6 neighbour
// advertisements. Packets of a VLAN belong to another interface.
func filter(watched []netip.Addr) []unix.SockFilter {
	const (
		loadWord  = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		loadHalf  = unix.BPF_LD | unix.BPF_H | unix.BPF_ABS
		loadByte  = unix.BPF_LD | unix.BPF_B | unix.BPF_ABS
		jumpEqual = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		give      = unix.BPF_RET | unix.BPF_K

		vlanPresent = 0xfffff000 + 48 // SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT
	)
	var senders []uint32
	for _, a := range watched {
		if a.Is4() {
			b := a.As4()
			senders = append(senders, binary.BigEndian.Uint32(b[:]))
		}
	}
	program := []unix.SockFilter{
		{Code: loadByte, K: vlanPresent},
		{Code: jumpEqual, K: 0, Jt: 1},
		{Code: give, K: 0},
		{Code: loadHalf, K: 12},
		{Code: jumpEqual, K: etherIPv4, Jt: 3},
		{Code: jumpEqual, K: etherIPv6, Jt: 5},
		{Code: jumpEqual, K: etherARP, Jt: 11},
		{Code: give, K: 0},
		{Code: loadByte, K: etherSize + 9}, // 8: IPv4's protocol
		{Code: jumpEqual, K: protocolCARP, Jt: 7},
		{Code: give, K: 0},
		{Code: loadByte, K: etherSize + 6}, // 11: IPv6's next header
		{Code: jumpEqual, K: protocolCARP, Jt: 4},
		{Code: jumpEqual, K: protocolICMPv6, Jf: 2},
		{Code: loadByte, K: etherSize + ipv6Size},
		{Code: jumpEqual, K: icmpAdvertisement, Jt: 1},
		{Code: give, K: 0},
		{Code: give, K: accepted},           // 17
		{Code: loadWord, K: etherSize + 14}, // 18: ARP's sender
	}
	for i, s := range senders {
		program = append(program, unix.SockFilter{Code: jumpEqual, K: s, Jt: uint8(len(senders) - i)})
	}
	return append(program, unix.SockFilter{Code: give, K: 0}, unix.SockFilter{Code: give, K: accepted})
}
