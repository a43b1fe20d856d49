package simulation

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/argss/argss/vip/viptest"
	"github.com/argss/argss/wiki"
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
	bug     Bug
	witness *witness       // nil: nobody looks
	runs    sync.WaitGroup // boxes whose plug was pulled and that do not know it yet
}

// NewWorld makes twins wichita-1 and wichita-2 and the far box tulsa, all off.
func NewWorld(seed uint64, log *slog.Logger) *World {
	w := &World{Seed: seed, Segment: viptest.NewSegment(seed), log: log}
	w.Network = NewNetwork(seed, latency)
	w.Segment.SetExclusive(true)
	w.Segment.SetDelay(150*time.Microsecond, 350*time.Microsecond)
	for i, b := range []struct {
		name, address string
		twin          bool
	}{{"wichita-1", "10.77.0.1:80", true}, {"wichita-2", "10.77.0.2:80", true}, {"tulsa", "10.99.0.1:80", false}} {
		w.Boxes = append(w.Boxes, &Node{
			Name: b.name, Address: b.address, world: w, twin: b.twin, disk: newDisk(), tainted: map[wiki.Identity]bool{},
			rng: rand.New(rand.NewPCG(seed, uint64(i+1))),
		})
	}
	return w
}

// Wait blocks until nothing goes on in the world any more; all boxes must be
// off.
func (w *World) Wait() {
	w.runs.Wait()
	w.Network.dials.Wait()
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
		Transport: w.bug.serve(&http.Transport{DialContext: w.Network.Host(name).DialContext, DisableKeepAlives: true}),
		Timeout:   10 * time.Second,
	}
}
