package lan

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"

	"github.com/argss/argss/vip/carp"
	"github.com/argss/argss/vip/heartbeat"
)

// DefaultPort is where boxes hear each other's heartbeats, by UDP.
const DefaultPort = 1112

// Config says where this box is and what it shares with the others.
type Config struct {
	Interface string         // for example eth0
	Source    netip.Addr     // this box's own address on it
	Peers     []netip.Addr   // the Sources of all other boxes; empty for CARP alone
	Shared    []netip.Prefix // what moves; the length is that on the interface
	Secret    string         // the group's passphrase, 1 to 20 bytes
	VHID      uint8          // the group, 1 to 255

	// Unicast sends CARP to the peers and not to the group, for networks that
	// lose multicast.
	Unicast bool
	// Plain says that boxes which do not know demotion may be listening. It is
	// assumed for a while when one was heard.
	Plain bool

	Port uint16       // of the heartbeats; 0 means DefaultPort
	Log  *slog.Logger // nil logs nothing
}

// mostShared bounds the packet filter.
const mostShared = 32

// Validate reports the first thing that keeps the configuration from working.
func (c Config) Validate() error {
	switch {
	case c.Interface == "":
		return errors.New("no interface: name one, for example eth0")
	case c.VHID == 0:
		return errors.New("vhid 0 is not a group: choose 1 to 255")
	case !c.Source.IsValid() || c.Source.IsUnspecified() || c.Source.IsMulticast():
		return fmt.Errorf("source %v: give this box's own address", c.Source)
	case len(c.Shared) == 0 || len(c.Shared) > mostShared:
		return fmt.Errorf("%d shared addresses: give 1 to %d", len(c.Shared), mostShared)
	case c.Unicast && len(c.Peers) == 0:
		return errors.New("unicast without peers: nobody would hear this box")
	case len(c.Peers) > mostShared:
		return fmt.Errorf("%d peers: at most %d", len(c.Peers), mostShared)
	}
	for _, p := range c.Peers {
		if p == c.Source || p.Is4() != c.Source.Is4() {
			return fmt.Errorf("peer %v: give another box's own address, of the same kind as %v", p, c.Source)
		}
	}
	for _, p := range c.Shared {
		if !p.IsValid() || p.Addr() == c.Source || p.Addr().IsMulticast() {
			return fmt.Errorf("shared address %v: give an address that belongs to no box", p)
		}
	}
	_, _, err := c.keys()
	return err
}

func (c Config) addresses() (out []netip.Addr) {
	for _, p := range c.Shared {
		out = append(out, p.Addr())
	}
	return out
}

func (c Config) keys() (*carp.Key, *heartbeat.Key, error) {
	k, err := carp.NewKey(c.Secret, c.addresses()...)
	if err != nil {
		return nil, nil, err
	}
	h, err := heartbeat.NewKey(c.Secret)
	return k, h, err
}
