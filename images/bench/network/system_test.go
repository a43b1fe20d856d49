//go:build system

package network

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
)

func station(t *testing.T, name string) *Station {
	t.Helper()
	s, err := NewStation(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func plug(t *testing.T, s *Station, sw *Switch, at string) *Cable {
	t.Helper()
	c, err := s.Join(sw, netip.MustParsePrefix(at))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answer makes a station say its name to whoever connects.
func answer(t *testing.T, s *Station, address string) {
	t.Helper()
	l, err := s.Listen("tcp4", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(c, s.name)
			c.Close()
		}
	}()
}

func ask(t *testing.T, s *Station, address string, patience time.Duration) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, err := s.DialContext(ctx, "tcp4", address)
	if err != nil {
		return "", err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	b, err := io.ReadAll(c)
	return string(b), err
}

const patience = 20 * time.Second

func TestSystemStationsReachOneAnotherUntilTheCableIsPulled(t *testing.T) {
	home := NewSwitch("home")
	t.Cleanup(home.Close)
	a, b := station(t, "laptop"), station(t, "box")
	plug(t, a, home, "10.77.0.1/24")
	cable := plug(t, b, home, "10.77.0.11/24")
	answer(t, b, "10.77.0.11:80")
	if got, err := ask(t, a, "10.77.0.11:80", patience); got != "box" {
		t.Fatalf("the box said %q, %v", got, err)
	}
	cable.Pull()
	if got, err := ask(t, a, "10.77.0.11:80", time.Second); err == nil {
		t.Errorf("heard %q through a pulled cable", got)
	}
	cable.Plug()
	if got, err := ask(t, a, "10.77.0.11:80", patience); got != "box" {
		t.Errorf("after it was plugged the box said %q, %v", got, err)
	}
}

func TestSystemStationsRouteBetweenCities(t *testing.T) {
	home, line, city := NewSwitch("home"), NewSwitch("line"), NewSwitch("city")
	for _, s := range []*Switch{home, line, city} {
		t.Cleanup(s.Close)
	}
	wichita, tulsa := station(t, "wichita"), station(t, "tulsa")
	plug(t, wichita, home, "10.77.0.1/24")
	plug(t, wichita, line, "10.77.255.1/30")
	far := plug(t, tulsa, line, "10.77.255.2/30")
	plug(t, tulsa, city, "10.77.1.1/24")
	box := station(t, "box")
	plug(t, box, city, "10.77.1.11/24")
	answer(t, box, "10.77.1.11:80")
	for _, err := range []error{
		wichita.Route(netip.MustParsePrefix("10.77.1.0/24"), netip.MustParseAddr("10.77.255.2")),
		tulsa.Route(netip.MustParsePrefix("10.77.0.0/24"), netip.MustParseAddr("10.77.255.1")),
		box.Route(netip.MustParsePrefix("10.77.0.0/16"), netip.MustParseAddr("10.77.1.1")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	far.Set(Out, Weather{Delay: 30 * time.Millisecond})
	far.Set(In, Weather{Delay: 30 * time.Millisecond})
	if _, err := ask(t, wichita, "10.77.1.11:80", patience); err != nil { // ARP is under way, too
		t.Fatal(err)
	}
	start := time.Now()
	got, err := ask(t, wichita, "10.77.1.11:80", patience)
	if took := time.Since(start); got != "box" || took < 120*time.Millisecond {
		t.Errorf("two round trips of 60 ms took %v: %q, %v", took, got, err)
	}
}

// A takeover: the address goes from one station to the other, which announces
// it by gratuitous ARP.
func TestSystemTakeoverIsNoticedByARP(t *testing.T) {
	home := NewSwitch("home")
	t.Cleanup(home.Close)
	a, b, c := station(t, "laptop"), station(t, "first"), station(t, "second")
	plug(t, a, home, "10.77.0.1/24")
	cable := plug(t, b, home, "10.77.0.100/24")
	plug(t, c, home, "10.77.0.12/24")
	answer(t, b, "10.77.0.100:80")
	if got, err := ask(t, a, "10.77.0.100:80", patience); got != "first" {
		t.Fatalf("%q, %v", got, err)
	}
	cable.Pull()
	announcement := takeAddress(t, c)
	answer(t, c, "10.77.0.100:80")
	stop := make(chan struct{})
	defer close(stop)
	go func() { // again and again: Linux ignores it for a second after the one before
		for {
			c.ports[0].Send(announcement)
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
	start := time.Now()
	if got, err := ask(t, a, "10.77.0.100:80", patience); got != "second" {
		t.Errorf("after the takeover: %q, %v", got, err)
	}
	t.Logf("noticed within %v", time.Since(start))
}

// takeAddress gives a station the shared address and returns the ARP reply that
// says so.
func takeAddress(t *testing.T, s *Station) (arp []byte) {
	t.Helper()
	err := s.Enter(func() error {
		link, err := netlink.LinkByName("eth0")
		if err != nil {
			return err
		}
		mac, everybody := link.Attrs().HardwareAddr, "\xff\xff\xff\xff\xff\xff"
		arp = append([]byte(everybody), mac...)
		arp = append(arp, 8, 6, 0, 1, 8, 0, 6, 4, 0, 2)
		arp = append(append(arp, mac...), 10, 77, 0, 100)
		arp = append(append(arp, everybody...), 10, 77, 0, 100)
		arp = append(arp, make([]byte, 18)...)
		return netlink.AddrAdd(link, &netlink.Addr{IPNet: &net.IPNet{IP: net.IPv4(10, 77, 0, 100), Mask: net.CIDRMask(24, 32)}})
	})
	if err != nil {
		t.Fatal(err)
	}
	return arp
}
