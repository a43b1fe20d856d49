package simulation

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/argss/argss/appliance"
	"github.com/argss/argss/appliance/settings"
	"github.com/argss/argss/vip/viptest"
	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/mirror"
)

// run is a box from plug in to plug out. After its end the box may go on for a
// while, but nothing it does reaches anybody: not its disk, not the network,
// not the next run.
type run struct {
	node   *Node
	box    *appliance.Box
	host   *Host
	disk   *disk
	cancel context.CancelFunc
	done   chan struct{}
	err    error // of the box, once done
	over   atomic.Bool

	transports uint64 // given out

	mu   sync.Mutex
	link *viptest.Link
}

func start(n *Node) *run {
	ctx, cancel := context.WithCancel(context.Background())
	r := &run{node: n, host: n.world.Network.Host(n.Name), disk: n.Disk(), cancel: cancel, done: make(chan struct{})}
	r.box = appliance.New(n.settings(), r.parts(n.rng.Uint64()))
	n.world.runs.Go(func() {
		defer close(r.done)
		r.err = r.box.Run(ctx)
	})
	return r
}

// leave takes the box from the twins' LAN, and what it logs from the log.
func (r *run) leave() {
	r.over.Store(true)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.link != nil {
		r.link.Kill()
	}
}

func (r *run) parts(seed uint64) appliance.Parts {
	return appliance.Parts{
		Disk:   r.files,
		Index:  func(string) string { return "" },
		Set:    r.set,
		Listen: r.host.Listen,
		HTTP:   r.transport,
		Link:   r.openLink,
		Now:    func() time.Time { return time.Now().Add(time.Duration(r.node.clockStep.Load())) },
		Jitter: r.jitter,
		Random: &source{rng: rand.New(rand.NewPCG(seed, 1))},
		Log:    slog.New(living{r.node.world.log.Handler(), &r.over}),
	}
}

func (r *run) files(folder string) (wiki.Files, error) {
	return r.node.world.bug.files(folder, r.disk.folders[folder]), nil
}

func (r *run) set(space string, s mirror.Set) wiki.Store {
	if space == wiki.Public.Name {
		r.node.opened(s)
	}
	bugged := r.node.world.bug.set(space, s)
	return &set{Store: bugged, renewer: bugged.(renewer), run: r, space: space, real: s}
}

// transport has a number, so that two that dial at one instant do not arrive at
// one. It dials for each question: whether one finds the connection that
// another has just given back would be decided between goroutines of one
// instant, and not by the seed.
func (r *run) transport() http.RoundTripper {
	r.transports++
	number := r.transports
	return r.node.world.bug.peers(&http.Transport{
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			return r.host.dialNumbered(ctx, number, address)
		},
		DisableKeepAlives: true, DisableCompression: true,
		ResponseHeaderTimeout: 2 * time.Minute,
	})
}

// jitter depends on the seed, the box and the instant alone, as delays do.
func (r *run) jitter() float64 {
	return float64(r.node.world.Network.draw(0, r.node.Name)>>11) / (1 << 53)
}

// openLink plugs the box into the twins' LAN. Whoever takes the address there
// also listens on it.
func (r *run) openLink(shared settings.Shared, _ string, serve func(net.Listener)) (appliance.Link, error) {
	source, err := netip.ParseAddrPort(shared.Source)
	if err != nil {
		return nil, err
	}
	// The agent's timers have another phase than those of its box and its twin.
	time.Sleep(time.Duration(r.node.world.Network.draw(0, r.node.Name) % uint64(time.Millisecond)))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.link = r.node.world.Segment.Attach(source.Addr())
	if r.over.Load() {
		r.link.Kill()
	}
	return r.node.world.bug.link(&sharedLink{Link: r.link, host: r.host, address: shared.Address, serve: serve}), nil
}

// living is what a box logs until its plug is pulled.
type living struct {
	slog.Handler
	over *atomic.Bool
}

// Enabled implements slog.Handler.
func (l living) Enabled(ctx context.Context, level slog.Level) bool {
	return !l.over.Load() && l.Handler.Enabled(ctx, level)
}

// WithAttrs implements slog.Handler.
func (l living) WithAttrs(attrs []slog.Attr) slog.Handler {
	return living{l.Handler.WithAttrs(attrs), l.over}
}

// WithGroup implements slog.Handler.
func (l living) WithGroup(name string) slog.Handler {
	return living{l.Handler.WithGroup(name), l.over}
}

// source is a seeded stream of random bytes.
type source struct {
	mu  sync.Mutex
	rng *rand.Rand
}

// Read implements io.Reader.
func (s *source) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range p {
		p[i] = byte(s.rng.Uint32())
	}
	return len(p), nil
}
