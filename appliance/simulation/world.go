package simulation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/argss/argss/appliance"
	"github.com/argss/argss/appliance/settings"
	"github.com/argss/argss/vip/viptest"
	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/wikitest"
)

// Shared is the address the twins of a World share.
const Shared = "10.77.0.100:80"

// World is a home with twin boxes and a box in another city. It must be made
// and used inside a synctest bubble.
type World struct {
	Seed    uint64
	Network *Network
	Segment *viptest.Segment // the twins' LAN, for the address
	Boxes   []*Node
	log     *slog.Logger
}

// Node is one box of a World with its disk and its place in the network.
type Node struct {
	Name    string
	Address string
	world   *World
	host    *Host
	disks   map[string]*wikitest.Disk // by folder; they outlive the box's runs
	rng     *rand.Rand
	twin    bool

	clockStep atomic.Int64 // how far the box's clock is off, in nanoseconds

	box    *appliance.Box // nil while the plug is out
	link   *viptest.Link
	cancel context.CancelFunc
	done   chan error
}

// NewWorld makes twins wichita-1 and wichita-2 and the far box tulsa, all off.
func NewWorld(seed uint64, log *slog.Logger) *World {
	w := &World{Seed: seed, Segment: viptest.NewSegment(seed), log: log}
	w.Network = NewNetwork(seed, latency)
	w.Segment.SetExclusive(true)
	for i, b := range []struct {
		name, address string
		twin          bool
	}{{"wichita-1", "10.77.0.1:80", true}, {"wichita-2", "10.77.0.2:80", true}, {"tulsa", "10.99.0.1:80", false}} {
		w.Boxes = append(w.Boxes, &Node{
			Name: b.name, Address: b.address, world: w, twin: b.twin, host: w.Network.Host(b.name),
			disks: map[string]*wikitest.Disk{}, rng: rand.New(rand.NewPCG(seed, uint64(i+1))),
		})
	}
	return w
}

// latency is that of a LAN at home and of a line between the cities.
func latency(from, to string) (low, spread time.Duration) {
	if (from == "tulsa") != (to == "tulsa") {
		return 14 * time.Millisecond, 4 * time.Millisecond
	}
	return 150 * time.Microsecond, 200 * time.Microsecond
}

// Box returns a box by name.
func (w *World) Box(name string) *Node {
	for _, n := range w.Boxes {
		if n.Name == name {
			return n
		}
	}
	panic(fmt.Sprintf("no box %q", name))
}

// Client returns an HTTP client of a host that is no box.
func (w *World) Client(name string) *http.Client {
	return &http.Client{
		Transport: &http.Transport{DialContext: w.Network.Host(name).DialContext, DisableKeepAlives: true},
		Timeout:   10 * time.Second,
	}
}

// settings are those the set-up wizard would have written.
func (n *Node) settings() settings.Settings {
	s := settings.Settings{
		Wiki: "Simulated", Box: n.Name, City: strings.TrimRight(n.Name, "-12"), Listen: n.Address,
		Data: n.Name, Secret: strings.Repeat("5e", 16),
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

// PlugIn starts the box on what its disk holds. It returns at once; see Ready.
func (n *Node) PlugIn() {
	ctx, cancel := context.WithCancel(context.Background())
	n.cancel, n.done = cancel, make(chan error, 1)
	n.box = appliance.New(n.settings(), n.parts())
	go func() { n.done <- n.box.Run(ctx) }()
}

// Ready is closed once the box answers.
func (n *Node) Ready() <-chan struct{} { return n.box.Ready() }

// On tells whether the plug is in.
func (n *Node) On() bool { return n.box != nil }

// Stop ends the box in order, as an update does, and returns its error.
func (n *Node) Stop() error {
	n.cancel()
	err := <-n.done
	n.box = nil
	return err
}

// PullPlug cuts the power: nothing more is sent, and of what was written since
// the last sync the disk keeps what the seed says.
func (n *Node) PullPlug() {
	n.host.Vanish()
	if n.link != nil {
		n.link.Kill()
	}
	n.each(func(folder string, d *wikitest.Disk) { n.disks[folder] = d.Crash(n.rng) })
	n.cancel()
	<-n.done // with whatever error the dead disk gave
	n.host.Vanish()
	n.box, n.link = nil, nil
}

func (n *Node) parts() appliance.Parts {
	return appliance.Parts{
		Disk:   n.disk,
		Index:  func(string) string { return "" },
		Listen: n.host.Listen,
		Dial:   n.host.DialContext,
		Link:   n.openLink,
		Now:    func() time.Time { return time.Now().Add(time.Duration(n.clockStep.Load())) },
		Jitter: n.jitter,
		Random: &source{rng: rand.New(rand.NewPCG(n.rng.Uint64(), 1))},
		Log:    n.world.log,
	}
}

// jitter depends on the seed, the box and the instant alone, as delays do.
func (n *Node) jitter() float64 {
	spread := n.world.Network.delay(n.Name, n.Name, nil) - 150*time.Microsecond
	return float64(spread) / float64(200*time.Microsecond)
}

func (n *Node) disk(folder string) (wiki.Files, error) {
	if n.disks[folder] == nil {
		n.disks[folder] = wikitest.NewDisk()
	}
	return n.disks[folder], nil
}

// openLink plugs the box into the twins' LAN. Whoever takes the address there
// also listens on it.
func (n *Node) openLink(shared settings.Shared, _ string, serve func(net.Listener)) (appliance.Link, error) {
	source, err := netip.ParseAddrPort(shared.Source)
	if err != nil {
		return nil, err
	}
	n.link = n.world.Segment.Attach(source.Addr())
	return &sharedLink{Link: n.link, host: n.host, address: shared.Address, serve: serve}, nil
}

// sharedLink is a place in the LAN whose holder answers on the address.
type sharedLink struct {
	*viptest.Link
	host     *Host
	address  string
	serve    func(net.Listener)
	listener net.Listener
	served   chan struct{}
}

func (l *sharedLink) Take() error {
	if l.listener != nil {
		return nil
	}
	if err := l.Link.Take(); err != nil {
		return err
	}
	listener, err := l.host.Listen(l.address)
	if err != nil {
		return errors.Join(err, l.Link.Drop())
	}
	l.listener, l.served = listener, make(chan struct{})
	go func(served chan struct{}) {
		defer close(served)
		l.serve(listener)
	}(l.served)
	return nil
}

func (l *sharedLink) Drop() error {
	if l.listener != nil {
		l.listener.Close()
		l.listener = nil
	}
	return l.Link.Drop()
}

// Close waits until the last answer on the address is given.
func (l *sharedLink) Close() error {
	err := l.Drop()
	if l.served != nil {
		<-l.served
	}
	l.Link.Kill()
	return err
}

// source is a seeded stream of random bytes.
type source struct {
	mu  sync.Mutex
	rng *rand.Rand
}

func (s *source) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range p {
		p[i] = byte(s.rng.Uint32())
	}
	return len(p), nil
}
