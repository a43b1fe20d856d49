package union_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
	"github.com/argss/argss/wiki/union"
	"github.com/argss/argss/wiki/union/uniontest"
)

const secret = "pair secret"

// world is some boxes on a network in memory.
type world struct {
	t      *testing.T
	net    *uniontest.Network
	names  []string
	boxes  map[string]*box
	serial int
}

// box is one box: its disk, which outlives it, and what runs.
type box struct {
	name  string
	store *uniontest.Store
	blobs *uniontest.Blobs
	gate  wiki.Gate
	*union.Exchange
	log  *strings.Builder
	wire func(http.Handler) http.Handler // what stands before its wire; nil: nothing
	stop func()

	mu   sync.Mutex
	took []wiki.ID // pushed to this box, in order
	gave int       // how often it was asked for revisions
}

func newWorld(t *testing.T, names ...string) *world {
	w := &world{t: t, net: uniontest.NewNetwork(), names: names, boxes: map[string]*box{}}
	for _, name := range names {
		w.boxes[name] = &box{name: name, store: uniontest.NewStore(wiki.Identity(name + "-disk")), blobs: new(uniontest.Blobs)}
	}
	return w
}

// inWorld runs a test of boxes that all started and know one another.
func inWorld(t *testing.T, test func(t *testing.T, w *world, a, b, c *box)) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, "wichita-1", "wichita-2", "tulsa")
		for _, name := range w.names {
			w.start(name)
		}
		defer w.stop()
		time.Sleep(3 * time.Second)
		test(t, w, w.boxes["wichita-1"], w.boxes["wichita-2"], w.boxes["tulsa"])
	})
}

// start gives a box power. It knows all others.
func (w *world) start(name string) {
	var peers []union.Peer
	for _, other := range w.names {
		if other != name {
			peers = append(peers, union.Peer{Name: other, URL: "http://" + other + ":80"})
		}
	}
	w.startKnowing(name, peers)
}

func (w *world) startKnowing(name string, peers []union.Peer) {
	b := w.boxes[name]
	b.log = new(strings.Builder)
	transport := w.net.Transport(name)
	b.Exchange = union.New(union.Config{
		Box: name, Space: wiki.Public, Store: b.store, Blobs: b.blobs, Gate: b.gate, Peers: peers,
		Secret: secret, HTTP: transport, Jitter: func() float64 { return 0.5 }, Version: "test",
		Log: slog.New(slog.NewTextHandler(&locked{w: b.log}, nil)),
	})
	mux := http.NewServeMux()
	wire := b.wire
	if wire == nil {
		wire = func(h http.Handler) http.Handler { return h }
	}
	mux.Handle(couch.Prefix, wire(b.counted(couch.New(couch.Config{Box: name, UUID: name, Secret: secret, Databases: []couch.Database{
		{Space: wiki.Public, Store: b.store, Blobs: b.blobs, Gate: b.gate, Exchange: witness{b.Exchange, b}},
	}}))))
	mux.Handle(couch.BlobPrefix, couch.BlobHandler{Blobs: b.blobs, Secret: secret})
	server := &http.Server{Handler: mux, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	listener := w.net.Listen(name)
	all.Go(func() { server.Serve(listener) })
	all.Go(func() { b.Run(ctx) })
	b.stop = sync.OnceFunc(func() {
		listener.Close()
		w.net.Drop(name)
		cancel()
		server.Close()
		all.Wait()
		transport.CloseIdleConnections()
	})
}

func (w *world) stop() {
	for _, b := range w.boxes {
		b.stop()
	}
	time.Sleep(time.Minute) // closing a server does not wait for what it was answering
}

// locked is a writer for many.
type locked struct {
	mu sync.Mutex
	w  *strings.Builder
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// witness writes down what is pushed to a box.
type witness struct {
	*union.Exchange
	box *box
}

func (w witness) Pushed(from couch.Peer, ids []wiki.ID) {
	w.box.mu.Lock()
	w.box.took = append(w.box.took, ids...)
	w.box.mu.Unlock()
	w.Exchange.Pushed(from, ids)
}

// counted counts how often a box is asked for revisions.
func (b *box) counted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/_bulk_get") {
			b.mu.Lock()
			b.gave++
			b.mu.Unlock()
		}
		h.ServeHTTP(w, r)
	})
}

func (b *box) given() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.gave
}

func (b *box) pushed() []wiki.ID {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.took)
}

// edit makes a revision nobody has.
func (w *world) edit(page string, parents ...wiki.ID) wiki.Revision {
	w.t.Helper()
	w.serial++
	return w.write(page, fmt.Sprintf("text %d", w.serial), parents...)
}

// write returns a revision that says a text.
func (w *world) write(page, text string, parents ...wiki.ID) wiki.Revision {
	w.t.Helper()
	r, err := wiki.New(wiki.Header{Page: page, Parents: parents, Kind: wiki.Edit},
		wiki.Body{Type: wiki.Markdown, Content: text}, wiki.HashOf([]byte(text)))
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// save publishes a new revision on a box.
func (w *world) save(b *box, page string, parents ...wiki.ID) (wiki.Revision, wiki.Acknowledgement) {
	w.t.Helper()
	r := w.edit(page, parents...)
	ack, err := b.Publish(context.Background(), r)
	if err != nil {
		w.t.Fatalf("%s: %v", b.name, err)
	}
	return r, ack
}

// equal waits until the boxes hold the same, for at most a minute.
func (w *world) equal(boxes ...*box) {
	w.t.Helper()
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		digests := map[wiki.Digest]bool{}
		for _, b := range boxes {
			d, _ := b.store.Digest()
			digests[d] = true
		}
		if len(digests) == 1 {
			return
		}
		if time.Since(began) > time.Minute {
			for _, b := range boxes {
				d, n := b.store.Digest()
				w.t.Errorf("%s holds %d, digest %s\n%s", b.name, n, d.Short(), b.log)
			}
			w.t.FailNow()
		}
	}
}

// until waits for something to become true, for at most a minute.
func (w *world) until(what string, is func() bool) {
	w.t.Helper()
	for began := time.Now(); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			w.t.Fatalf("never: %s", what)
		}
	}
}

func (b *box) holds(ids ...wiki.ID) bool { return len(b.store.Missing(ids)) == 0 }
