package loopback

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/argss/argss/vip"
	"github.com/argss/argss/vip/carp"
)

// Config says where one box and its peers are, and what they share.
type Config struct {
	// Source is where this box hears adverts and what it sends them from. The
	// election tells boxes apart by address alone, so every box needs an address
	// of its own, for example 127.77.0.1 and 127.77.0.2; the ports may be equal.
	Source netip.AddrPort
	// Peers are the Sources of the other boxes.
	Peers []netip.AddrPort
	// Shared is the address that moves: TCP, for example 127.77.0.100:8080.
	Shared netip.AddrPort
	Secret string // the group's passphrase, 1 to 20 bytes
	VHID   uint8  // the group, 1 to 255

	// Serve is called in a goroutine of its own each time this box takes the
	// shared address, and serves the listener until Accept fails, which means
	// that the address was given up; then it returns. http.Server.Serve does. It
	// may end idle connections after that. If it returns earlier, this box gives
	// the address up.
	Serve func(net.Listener)
}

// Election is the part of box number rank, counted from 0, in the election:
// adverts every 101.6 ms, 3.9 ms more for each rank so that no two are equal.
func (c Config) Election(rank int) vip.Config {
	return vip.Config{
		VHID:   c.VHID,
		Source: c.Source.Addr(),
		Skew:   uint8(26 + min(max(rank, 0), 200)),
	}
}

func (c Config) validate() (*carp.Key, error) {
	if c.VHID == 0 {
		return nil, errors.New("vhid 0 is not a group: choose 1 to 255")
	}
	if c.Serve == nil {
		return nil, errors.New("nobody serves the shared address: set Serve")
	}
	if !c.Shared.IsValid() || c.Shared.Port() == 0 {
		return nil, fmt.Errorf("shared address %v: give an address and a port", c.Shared)
	}
	seen := map[netip.Addr]bool{}
	for _, box := range append([]netip.AddrPort{c.Source}, c.Peers...) {
		switch {
		case !box.Addr().IsLoopback() || box.Port() == 0:
			return nil, fmt.Errorf("box address %v: give a loopback address and a port", box)
		case seen[box.Addr()]:
			return nil, fmt.Errorf("two boxes at %v: give each an address of its own", box.Addr())
		}
		seen[box.Addr()] = true
	}
	return carp.NewKey(c.Secret, c.Shared.Addr())
}
