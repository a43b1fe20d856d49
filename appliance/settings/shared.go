package settings

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
)

// Shared is the address that moves between the twins. Boxes that are processes
// of one machine share a loopback address, and say so with Source and Peers.
// Real boxes share addresses of a network, and say so with LAN.
type Shared struct {
	Address string   `json:"address"`          // host:port, the wiki's own address
	VHID    uint8    `json:"vhid"`             // CARP group, 1 to 255
	Skew    uint8    `json:"skew"`             // advskew: the twin with the lower one is preferred
	Source  string   `json:"source,omitempty"` // on loopback: host:port (UDP) this box sends advertisements from
	Peers   []string `json:"peers,omitempty"`  // on loopback: host:port (UDP) of the other contenders
	LAN     *LAN     `json:"lan,omitempty"`
}

// LAN is the network whose addresses the program vipd holds for this box.
type LAN struct {
	Interface string   `json:"interface"`         // for example eth0
	Source    string   `json:"source"`            // this box's own address on it
	Peers     []string `json:"peers,omitempty"`   // the Sources of the other contenders
	Addresses []string `json:"addresses"`         // all that move, with lengths: 10.77.0.100/24, fd77::100/64
	Profile   string   `json:"profile,omitempty"` // normal (the default), fast or compatible
	// SecretFile holds the passphrase of the group; "" means one made from the
	// boxes' secret, which boxd keeps in a file of its own for vipd.
	SecretFile string `json:"secret_file,omitempty"`
	Control    string `json:"control"`        // path of the unix socket on which vipd listens
	Vipd       string `json:"vipd,omitempty"` // program that boxd starts; "" where somebody else starts it
}

func (s *Shared) check(listen string) error {
	if s == nil {
		return nil
	}
	if s.VHID == 0 {
		return errors.New("shared: vhid is a number from 1 to 255")
	}
	ports := []string{s.Address}
	if s.LAN == nil {
		ports = append(append(ports, s.Source), s.Peers...)
	}
	for _, a := range ports {
		if _, err := netip.ParseAddrPort(a); err != nil {
			return fmt.Errorf("shared: %q is not of the form address:port", a)
		}
	}
	if s.LAN == nil {
		return nil
	}
	if s.Source != "" || len(s.Peers) > 0 {
		return errors.New("shared: give source and peers for loopback or lan for a network, not both")
	}
	if err := s.LAN.check(); err != nil {
		return fmt.Errorf("shared: lan: %w", err)
	}
	return s.answeredBy(listen)
}

// mostSocketPath is the longest path of a unix socket.
const mostSocketPath = 107

func (l *LAN) check() error {
	switch {
	case l.Interface == "":
		return errors.New("name the interface, for example eth0")
	case len(l.Addresses) == 0:
		return errors.New("give the addresses that move, with lengths, for example 10.77.0.100/24")
	case !slices.Contains([]string{"", "normal", "fast", "compatible"}, l.Profile):
		return fmt.Errorf("profile %q is not normal, fast or compatible", l.Profile)
	case l.Control == "" || len(l.Control) > mostSocketPath:
		return fmt.Errorf("control: give a path of 1 to %d bytes for the socket of vipd", mostSocketPath)
	}
	for _, a := range append([]string{l.Source}, l.Peers...) {
		if _, err := netip.ParseAddr(a); err != nil {
			return fmt.Errorf("%q is not a box's own address", a)
		}
	}
	for _, a := range l.Addresses {
		if _, err := netip.ParsePrefix(a); err != nil {
			return fmt.Errorf("%q is not of the form address/length", a)
		}
	}
	return nil
}

// answeredBy checks that the box's one listener answers the shared addresses.
// It must not be bound to an address: then it is there before the shared one
// comes, and the kernel answers the first client of a new holder without
// waiting for a program, nor for an address by DHCP at the start.
func (s *Shared) answeredBy(listen string) error {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	at := netip.MustParseAddrPort(s.Address)
	if own, err := netip.ParseAddr(host); host != "" && (err != nil || !own.IsUnspecified()) || port != fmt.Sprint(at.Port()) {
		return fmt.Errorf("listen: %q does not answer %s: with a lan, give \":%d\"", listen, s.Address, at.Port())
	}
	for _, p := range s.LAN.Prefixes() {
		if p.Addr() == at.Addr() {
			return nil
		}
	}
	return fmt.Errorf("shared: %s is not among the addresses of the lan", at.Addr())
}

// Prefixes are the addresses that move. The settings must have passed Check.
func (l *LAN) Prefixes() (out []netip.Prefix) {
	for _, a := range l.Addresses {
		out = append(out, netip.MustParsePrefix(a))
	}
	return out
}

// SharedAddresses are the addresses that move, without lengths.
func (l *LAN) SharedAddresses() (out []netip.Addr) {
	for _, p := range l.Prefixes() {
		out = append(out, p.Addr())
	}
	return out
}
