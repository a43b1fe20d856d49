package pid1

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/argss/argss/appliance/settings"
)

// linkPatience is how long a network interface may take to appear: USB ones
// come late.
const linkPatience = 10 * time.Second

// firstLink is the interface of a name, or the first Ethernet there is.
func firstLink(name string) (netlink.Link, error) {
	for end := time.Now().Add(linkPatience); ; time.Sleep(50 * time.Millisecond) {
		links, err := netlink.LinkList()
		if err != nil {
			return nil, fmt.Errorf("list interfaces: %w", err)
		}
		for _, l := range links {
			a := l.Attrs()
			if name == a.Name || name == "" && l.Type() == "device" && a.Flags&net.FlagLoopback == 0 && len(a.HardwareAddr) == 6 {
				return l, nil
			}
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("this box has no network interface %s", name)
		}
	}
}

func loopbackUp() error {
	lo, err := netlink.LinkByName("lo")
	if err == nil {
		err = netlink.LinkSetUp(lo)
	}
	if err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	return nil
}

// setAddresses gives an interface what the settings say.
func setAddresses(l netlink.Link, n settings.Network) error {
	for _, a := range n.Addresses {
		p := netip.MustParsePrefix(a)
		addr := &netlink.Addr{IPNet: &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}}
		if err := netlink.AddrReplace(l, addr); err != nil {
			return fmt.Errorf("address %s: %w", a, err)
		}
	}
	if n.Gateway != "" {
		route := &netlink.Route{LinkIndex: l.Attrs().Index, Gw: net.ParseIP(n.Gateway)}
		if err := netlink.RouteReplace(route); err != nil {
			return fmt.Errorf("gateway %s: %w", n.Gateway, err)
		}
	}
	var servers strings.Builder
	for _, d := range n.DNS {
		servers.WriteString("nameserver " + d + "\n")
	}
	return os.WriteFile("/tmp/resolv.conf", []byte(servers.String()), 0o644)
}

// addresses lists what the box can be reached at, for the console.
func addresses() (out []string) {
	list, err := netlink.AddrList(nil, netlink.FAMILY_ALL)
	if err != nil {
		return nil
	}
	for _, a := range list {
		if !a.IP.IsLoopback() {
			out = append(out, a.IP.String())
		}
	}
	return out
}

func setUp(l netlink.Link) error {
	if err := netlink.LinkSetUp(l); err != nil {
		return fmt.Errorf("interface %s: %w", l.Attrs().Name, err)
	}
	return nil
}
