//go:build system

package lan_test

import (
	"fmt"
	"log/slog"
	"net/netip"
	"testing"

	"github.com/argss/argss/vip/labtest"
	"github.com/argss/argss/vip/lan"
	"github.com/argss/argss/vip/viptest"
)

// open opens a link in a box's network.
func open(t *testing.T, b *labtest.Box, c lan.Config) *lan.Link {
	t.Helper()
	var l *lan.Link
	err := b.Enter(func() (err error) {
		l, err = lan.Open(c)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func config(i int) lan.Config {
	return lan.Config{
		Interface: "eth0", VHID: 7, Secret: "s3cret",
		Source: netip.AddrFrom4([4]byte{10, 77, 0, byte(i)}),
		Shared: []netip.Prefix{netip.MustParsePrefix("10.77.0.100/24"), netip.MustParsePrefix("fd77::100/64")},
		Log:    slog.New(slog.DiscardHandler),
	}
}

func TestSystemLANIsALink(t *testing.T) {
	source4 := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 77, 0, byte(i)}) }
	source6 := func(i int) netip.Addr { return netip.MustParseAddr(fmt.Sprintf("fd77::%d", i)) }
	for name, world := range map[string]struct {
		source  func(int) netip.Addr
		peers   bool
		unicast bool
	}{
		"IPv4": {source: source4}, "IPv6": {source: source6},
		"IPv4Unicast": {source4, true, true}, "IPv6Unicast": {source6, true, true},
		"IPv4Heartbeat": {source: source4, peers: true}, "IPv6Heartbeat": {source: source6, peers: true},
	} {
		t.Run(name, func(t *testing.T) {
			viptest.TestLink(t, viptest.World{Boxes: func(t *testing.T, n int) (group []viptest.Box) {
				lab := labtest.New(t)
				var links []*lan.Link
				for i := 1; i <= n; i++ {
					c := config(i)
					c.Source, c.Unicast = world.source(i), world.unicast
					for j := 1; j <= max(n, 2) && world.peers; j++ {
						if j != i {
							c.Peers = append(c.Peers, world.source(j))
						}
					}
					box := lab.Box(fmt.Sprint("box", i), fmt.Sprintf("10.77.0.%d/24", i), fmt.Sprintf("fd77::%d/64", i))
					l := open(t, box, c)
					links = append(links, l)
					group = append(group, viptest.Box{Link: l, Source: c.Source, VHID: 7, Kill: func() { l.Close() }})
				}
				for i, l := range links {
					if world.peers {
						labtest.Wait(t, fmt.Sprintf("box %d to know its peers", i+1), func() bool { return len(l.Stats().Speaking) == n-1 })
					}
				}
				return group
			}})
		})
	}
}
