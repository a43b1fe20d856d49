package household

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// station is a place for one box.
type station struct {
	name, city string
	host       netip.Addr
	twin       bool // takes part in the election for the shared address
}

// Network is the first two numbers of all addresses of a household.
type Network [2]byte

// DefaultNetwork is 127.77.0.0/16.
var DefaultNetwork = Network{127, 77}

func (n Network) host(c, d byte) netip.Addr { return netip.AddrFrom4([4]byte{n[0], n[1], c, d}) }

func (n Network) stations() []station {
	return []station{
		{"wichita-1", "Wichita", n.host(0, 1), true},
		{"wichita-2", "Wichita", n.host(0, 2), true},
		{"tulsa", "Tulsa", n.host(1, 1), false},
	}
}

func (n Network) shared() netip.Addr { return n.host(0, 100) }

// firstPort is where the search for a port begins, portsTried where it ends.
const (
	firstPort  = 8080
	portsTried = 100
)

// pickPort returns the first port, starting with the preferred ones, that is
// free on every address of the network. Another program may take it before a
// box does; then that box says so.
func pickPort(n Network, preferred ...uint16) (uint16, error) {
	for i := range uint16(portsTried) {
		preferred = append(preferred, firstPort+i)
	}
	for _, port := range preferred {
		err := tryPort(n, port)
		if err == nil {
			return port, nil
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			return 0, fmt.Errorf("find a free port on this machine's loopback addresses: %w", err)
		}
	}
	return 0, fmt.Errorf("ports %d to %d are all taken on %v; stop something and try again", firstPort, firstPort+portsTried-1, n.shared())
}

func tryPort(n Network, port uint16) error {
	if err := tryTCP(n.shared(), port); err != nil {
		return err
	}
	for _, s := range n.stations() {
		if err := tryTCP(s.host, port); err != nil {
			return err
		}
		if !s.twin {
			continue
		}
		l, err := net.ListenPacket("udp", netip.AddrPortFrom(s.host, port).String())
		if err != nil {
			return err
		}
		l.Close()
	}
	return nil
}

func tryTCP(host netip.Addr, port uint16) error {
	l, err := net.Listen("tcp", netip.AddrPortFrom(host, port).String())
	if err != nil {
		return err
	}
	return l.Close()
}
