package network

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Station is a computer with this machine's kernel and a network of its own. It
// also routes between the switches that it is joined to. It is gone when this
// process is.
type Station struct {
	name  string
	space *os.File // the network namespace
	taps  []*os.File
	ports []*Cable
}

// NewStation makes a computer that is joined to nothing.
func NewStation(name string) (*Station, error) {
	s := &Station{name: name}
	err := onThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("make a network namespace (are you root?): %w", err)
		}
		var err error
		if s.space, err = os.Open("/proc/thread-self/ns/net"); err != nil {
			return err
		}
		return errors.Join(up("lo"), os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o600))
	})
	if err != nil {
		return nil, fmt.Errorf("make the station %s: %w", name, err)
	}
	return s, nil
}

// onThread runs f on a thread of its own, which ends with it and takes its
// namespace along.
func onThread(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked
		done <- f()
	}()
	return <-done
}

func up(name string) error {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return err
	}
	return netlink.LinkSetUp(link)
}

// Enter runs f in the station's network. Sockets that f opens stay there.
func (s *Station) Enter(f func() error) error {
	return onThread(func() error {
		if err := unix.Setns(int(s.space.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("enter the network of %s: %w", s.name, err)
		}
		return f()
	})
}

// Join plugs the station into a switch, with an address there.
func (s *Station) Join(sw *Switch, at netip.Prefix) (*Cable, error) {
	name := fmt.Sprintf("eth%d", len(s.taps))
	var tap *os.File
	err := s.Enter(func() (err error) {
		tap, err = openTap(name)
		if err != nil {
			return err
		}
		link, err := netlink.LinkByName(name)
		if err != nil {
			return err
		}
		return errors.Join(
			netlink.AddrAdd(link, &netlink.Addr{IPNet: &net.IPNet{
				IP: at.Addr().AsSlice(), Mask: net.CIDRMask(at.Bits(), at.Addr().BitLen())}}),
			netlink.LinkSetUp(link))
	})
	if err != nil {
		if tap != nil {
			tap.Close()
		}
		return nil, fmt.Errorf("join %s to the LAN %s: %w", s.name, sw.Name, err)
	}
	cable := sw.Join(s.name, func(frame []byte) { _, _ = tap.Write(frame) })
	s.taps, s.ports = append(s.taps, tap), append(s.ports, cable)
	go pump(tap, cable)
	return cable, nil
}

// pump ends when the tap is closed.
func pump(tap *os.File, c *Cable) {
	b := make([]byte, maxFrame)
	for {
		n, err := tap.Read(b)
		if err != nil {
			return
		}
		c.Send(b[:n])
	}
}

func openTap(name string) (*os.File, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("open /dev/net/tun: %w", err)
	}
	request, err := unix.NewIfreq(name)
	if err == nil {
		request.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
	}
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("make an interface: %w", err)
	}
	return os.NewFile(uintptr(fd), "tap"), nil
}

// Route sends what is for a network to a neighbour.
func (s *Station) Route(to netip.Prefix, via netip.Addr) error {
	err := s.Enter(func() error {
		return netlink.RouteAdd(&netlink.Route{
			Dst: &net.IPNet{IP: to.Addr().AsSlice(), Mask: net.CIDRMask(to.Bits(), to.Addr().BitLen())},
			Gw:  via.AsSlice(),
		})
	})
	if err != nil {
		return fmt.Errorf("route %v from %s: %w", to, s.name, err)
	}
	return nil
}

// DialContext connects from the station to a numeric address.
func (s *Station) DialContext(ctx context.Context, network, address string) (conn net.Conn, err error) {
	if _, err := netip.ParseAddrPort(address); err != nil {
		return nil, fmt.Errorf("dial %q from %s: %w", address, s.name, err)
	}
	err = s.Enter(func() (err error) {
		conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
		return err
	})
	return conn, err
}

// Listen opens a listening socket at the station.
func (s *Station) Listen(network, address string) (l net.Listener, err error) {
	err = s.Enter(func() (err error) {
		l, err = net.Listen(network, address)
		return err
	})
	return l, err
}

// Close unplugs the station and ends it.
func (s *Station) Close() {
	for i := range s.taps {
		s.ports[i].sw.Leave(s.ports[i])
		s.taps[i].Close()
	}
	s.space.Close()
}
