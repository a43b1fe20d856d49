package settings

import (
	"errors"
	"fmt"
	"net/netip"
)

// Network is how the box's own interface gets its address. Without it the box
// asks by DHCP on its first interface.
type Network struct {
	Interface string   `json:"interface,omitempty"` // for example eth0; "" for the first
	Addresses []string `json:"addresses,omitempty"` // with lengths: 10.77.0.1/24; none for DHCP
	Gateway   string   `json:"gateway,omitempty"`
	DNS       []string `json:"dns,omitempty"`
	NTP       []string `json:"ntp,omitempty"`
}

func (n *Network) check() error {
	if n == nil {
		return nil
	}
	for _, a := range n.Addresses {
		if _, err := netip.ParsePrefix(a); err != nil {
			return fmt.Errorf("network: %q is not of the form address/length", a)
		}
	}
	single := n.DNS
	if n.Gateway != "" {
		single = append([]string{n.Gateway}, single...)
	}
	for _, a := range single {
		if _, err := netip.ParseAddr(a); err != nil {
			return fmt.Errorf("network: %q is not an address", a)
		}
	}
	if n.Gateway != "" && len(n.Addresses) == 0 {
		return errors.New("network: a gateway needs addresses; without them DHCP gives both")
	}
	return nil
}
