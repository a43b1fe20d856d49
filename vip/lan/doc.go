// Package lan is a vip.Link on a real network: CARP as ucarp and the BSDs speak
// it, on one Ethernet interface. It needs the rights to use packet sockets and
// to change addresses.
//
// It owns the sockets and reopens them when the interface goes and comes; the
// shared addresses on that interface, which it removes before it listens and
// when it ends; and the decision whose adverts count:
//
//   - A CARP frame counts if it came with TTL (hop limit) 255, which no router
//     leaves in place, to the group or to this box, and its digest is right.
//   - If peers are named, they are the group, and frames in other names do not
//     count. They are also spoken to by UDP, in the messages of package
//     heartbeat. While a peer speaks those, CARP frames in its name do not count
//     either, so that a forged or replayed one changes nothing. A peer that
//     never speaks them, such as ucarp, is heard by CARP.
//
// The frame is Ethernet from the interface's own address, IP with TTL 255,
// don't fragment, protocol 112, to 224.0.0.18 or ff02::12 (or to each peer),
// and the 36 bytes of package carp. Adverts travel in the family of the
// source address; shared addresses may be of both.
//
// To take an address is to add it to the interface. It is announced by
// gratuitous ARP, as request and as reply, since some neighbours listen to one
// only, and for IPv6 by an unsolicited neighbour advertisement.
//
// Before this box takes the address for the first time it asks the LAN whether
// somebody has it. An answer is a stranger's if no box of the group was heard
// and it does not come from a peer's hardware; then Take fails.
//
// Base, skew and demotion are sent as they are, but demotion is unknown to ucarp
// and FreeBSD. Where such boxes may listen, a demoted box says base 1 and skew
// 240 on the wire: that loses to every healthy one.
package lan
