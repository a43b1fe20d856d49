package simulation

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/argss/argss/appliance/settings"
	"github.com/argss/argss/wiki"
)

// Node is one box of a World with its disk and its place in the network. One
// goroutine plugs it in and out.
type Node struct {
	Name    string
	Address string
	world   *World
	rng     *rand.Rand
	twin    bool

	clockStep atomic.Int64 // how far the box's clock is off, in nanoseconds
	rotten    atomic.Bool  // bits of the disk turned over, and are not yet repaired

	mu      sync.Mutex
	disk    *disk                  // it outlives the box's runs
	tainted map[wiki.Identity]bool // of stores that this box lost part of
	lost    time.Time              // when that was last
	set     wiki.Store             // the public space of the latest run, without bugs

	run *run // nil while the plug is out
}

// Disk returns the disk that is in the box.
func (n *Node) Disk() *disk {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.disk
}

func (n *Node) put(d *disk) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.disk = d
}

// settings are those the set-up wizard would have written.
func (n *Node) settings() settings.Settings {
	s := settings.Settings{
		Wiki: "Simulated", Box: n.Name, City: strings.TrimRight(n.Name, "-12"), Listen: n.Address,
		Data: n.Name, Secret: strings.Repeat("5e", 16), Keepers: keepers(),
	}
	for _, other := range n.world.Boxes {
		if other != n {
			s.Peers = append(s.Peers, settings.Peer{Name: other.Name, URL: "http://" + other.Address})
		}
	}
	if n.twin {
		skew := uint8(200) // 0.8 s: elections have storms of their own
		if n.Name == "wichita-2" {
			skew++
		}
		s.Shared = &settings.Shared{Address: Shared, VHID: 7, Skew: skew, Source: n.Address}
	}
	return s
}

func (n *Node) source() netip.Addr { return netip.MustParseAddrPort(n.Address).Addr() }

// PlugIn starts the box on what its disk holds. It returns at once; see Ready.
func (n *Node) PlugIn() { n.run = start(n) }

// Ready is closed once the box answers.
func (n *Node) Ready() <-chan struct{} { return n.run.box.Ready() }

// On tells whether the plug is in.
func (n *Node) On() bool { return n.run != nil }

// Ended tells whether a box that is on has given up.
func (n *Node) Ended() bool {
	select {
	case <-n.run.done:
		return true
	default:
		return false
	}
}

// Start plugs the box in and waits until it answers; an error says why it does
// not.
func (n *Node) Start() error {
	n.PlugIn()
	select {
	case <-n.Ready():
		return nil
	case <-n.run.done:
		return n.run.err
	}
}

// Stop ends the box in order, as an update does, and returns its error.
func (n *Node) Stop() error {
	r := n.run
	n.run = nil
	r.cancel()
	<-r.done
	r.host.Kill()
	return r.err
}

// PullPlug cuts the power: nothing more is sent, and of what was written since
// the last sync the disk keeps what the seed says.
func (n *Node) PullPlug() {
	r := n.run
	n.run = nil
	r.leave()
	r.host.Unplug()
	n.put(r.disk.crash(n.rng))
	r.cancel()
}

// Kill ends the box's process: what it wrote stays, its connections are reset.
func (n *Node) Kill() {
	r := n.run
	n.run = nil
	r.leave()
	r.host.Kill()
	n.put(r.disk.killed())
	r.cancel()
}
