package drain

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Open counts the connections to these addresses of this machine in which
// something is still to be said or to be acknowledged. One whose answer
// has arrived and whose end the client knows of does not count.
func Open(shared []netip.Addr) (n int, err error) {
	for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} { // a listener for both counts as the latter
		sockets, err := netlink.SocketDiagTCP(family)
		if err != nil && !errors.Is(err, netlink.ErrDumpInterrupted) {
			return 0, fmt.Errorf("count connections: %w", err)
		}
		for _, s := range sockets {
			at, _ := netip.AddrFromSlice(s.ID.Source)
			if slices.Contains(shared, at.Unmap()) && unfinished(s.State) {
				n++
			}
		}
		if err != nil { // it changed while it was read; there may be more
			n++
		}
	}
	return n, nil
}

func unfinished(state uint8) bool {
	switch state {
	case netlink.TCP_LISTEN, netlink.TCP_FIN_WAIT2, netlink.TCP_TIME_WAIT, netlink.TCP_CLOSE:
		return false
	}
	return true
}
