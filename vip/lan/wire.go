package lan

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// wire is the interface as it is until it goes or gets another address: its
// packet socket, and how frames begin on it.
type wire struct {
	index    int
	hardware hardware
	packets  *socket
	raw      *socket // only for unicast
	source   netip.Addr
	to       []netip.Addr // where adverts go
	port     uint16
	member   *net.UDPConn // keeps switches informed that we listen to the group
	frame    []byte       // reused by whoever sends
}

func openWire(c Config, index int, address hardware, sort func(*wire, []byte)) (*wire, error) {
	source := c.Source.WithZone("")
	w := &wire{
		index: index, hardware: address, source: source,
		to: []netip.Addr{groupOf(source)}, port: c.Port,
	}
	watched := append(c.addresses(), c.Peers...)
	groups := []hardware{multicastHardware(groupIPv4), multicastHardware(groupIPv6)}
	var err error
	w.packets, err = openPacket(index, watched, groups, func(b []byte) { sort(w, b) })
	if err != nil {
		return nil, err
	}
	if c.Unicast {
		w.to = c.Peers
		family := unix.AF_INET
		if source.Is6() {
			family = unix.AF_INET6
		}
		if w.raw, err = openRaw(family, index); err != nil {
			w.packets.close()
			return nil, err
		}
	}
	// Switches that watch who asks for a group must see somebody ask. Without
	// one the packet socket's own membership is enough, so failing is no matter.
	zone := ""
	if source.Is6() {
		zone = c.Interface
	}
	group := &net.UDPAddr{IP: groupOf(source).AsSlice(), Port: int(c.Port), Zone: zone}
	w.member, _ = net.ListenMulticastUDP("udp", &net.Interface{Index: index, Name: c.Interface}, group)
	return w, nil
}

// advertise sends one CARP frame to everybody it is for.
func (w *wire) advertise(payload []byte) error {
	var failed []error
	for _, to := range w.to {
		if err := w.sendCARP(to, payload); err != nil {
			failed = append(failed, err)
		}
	}
	if len(failed) == len(w.to) {
		return fmt.Errorf("send CARP: %w", errors.Join(failed...))
	}
	return nil
}

func (w *wire) sendCARP(to netip.Addr, payload []byte) error {
	kind := uint16(etherIPv6)
	if to.Is4() {
		kind = etherIPv4
	}
	w.frame = appendEther(w.frame[:0], multicastHardware(to), w.hardware, kind)
	if to.Is4() {
		w.frame = appendIPv4(w.frame, w.source, to, uint16(rand.Uint32()), len(payload))
	} else {
		w.frame = appendIPv6(w.frame, w.source, to.WithZone(""), protocolCARP, len(payload))
	}
	w.frame = append(w.frame, payload...)
	if to.IsMulticast() {
		return w.packets.write(w.frame)
	}
	return w.raw.writeTo(w.frame[etherSize:], sockaddr(to, 0, w.index))
}

// announce tells everybody that the addresses live here.
func (w *wire) announce(shared []netip.Addr) error {
	var failed []error
	for _, a := range shared {
		announce(w.frame, a, w.hardware, func(frame []byte) { failed = append(failed, w.packets.write(frame)) })
	}
	if err := errors.Join(failed...); err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	return nil
}

// ask probes for addresses.
func (w *wire) ask(addresses []netip.Addr) error {
	var failed []error
	for _, a := range addresses {
		failed = append(failed, w.packets.write(probe(nil, a, w.hardware)))
	}
	return errors.Join(failed...)
}

func (w *wire) close() {
	w.packets.close()
	if w.raw != nil {
		w.raw.close()
	}
	if w.member != nil {
		w.member.Close()
	}
}
