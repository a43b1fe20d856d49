package union_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
	"github.com/argss/argss/wiki/store"
	"github.com/argss/argss/wiki/union"
)

var _ union.Renewer = (*store.Store)(nil)

// realBox is a box with a real disk on a real port of loopback.
type realBox struct {
	name  string
	store *store.Store
	*union.Exchange
	listener net.Listener
	start    func()
}

// realBoxes returns boxes that know one another and are not started.
func realBoxes(tb testing.TB, names ...string) []*realBox {
	tb.Helper()
	boxes := make([]*realBox, len(names))
	var peers []union.Peer
	for i, name := range names {
		s, err := store.Open(store.Dir(tb.TempDir()), store.Options{Reserve: -1})
		if err != nil {
			tb.Fatal(err)
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { l.Close(); s.Close() })
		boxes[i] = &realBox{name: name, store: s, listener: l}
		peers = append(peers, union.Peer{Name: name, URL: "http://" + l.Addr().String()})
	}
	for i, b := range boxes {
		others := slices.Delete(slices.Clone(peers), i, i+1)
		b.prepare(tb, others)
	}
	return boxes
}

func (b *realBox) prepare(tb testing.TB, peers []union.Peer) {
	transport := &http.Transport{MaxIdleConnsPerHost: 16, DisableCompression: true}
	b.Exchange = union.New(union.Config{Box: b.name, Space: wiki.Public, Store: b.store, Peers: peers, Secret: secret,
		HTTP: transport, Timing: union.Timing{Beat: 100 * time.Millisecond}})
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: couch.New(couch.Config{Box: b.name, UUID: b.name, Secret: secret,
		Databases: []couch.Database{{Space: wiki.Public, Store: b.store, Exchange: b.Exchange}}})}
	var all sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	b.start = func() {
		all.Go(func() { server.Serve(b.listener) })
		all.Go(func() { b.Run(ctx) })
	}
	tb.Cleanup(func() {
		cancel()
		server.Close()
		all.Wait()
		transport.CloseIdleConnections()
	})
}

// chains makes revisions of about 2 KB over 100 pages, each page a chain, half
// of whose text compresses.
func chains(tb testing.TB, n int) []wiki.Revision {
	tb.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	revisions := make([]wiki.Revision, n)
	for i := range revisions {
		h := wiki.Header{Page: fmt.Sprint("Page ", i%100), Kind: wiki.Edit, Time: 1_700_000_000_000}
		if i >= 100 {
			h.Parents = []wiki.ID{revisions[i-100].ID}
		}
		var text strings.Builder
		for text.Len() < 1500 {
			fmt.Fprintf(&text, "words that come again and %x ", rng.Uint64())
		}
		r, err := wiki.New(h, wiki.Body{Type: wiki.Markdown, Content: text.String()}, wiki.HashOf([]byte(fmt.Sprint(i))))
		if err != nil {
			tb.Fatal(err)
		}
		revisions[i] = r
	}
	return revisions
}

func (b *realBox) until(tb testing.TB, what string, is func() bool) {
	tb.Helper()
	for began := time.Now(); !is(); time.Sleep(time.Millisecond) {
		if time.Since(began) > time.Minute {
			tb.Fatalf("%s: never: %s", b.name, what)
		}
	}
}

func TestBoxesOnLoopbackBecomeEqual(t *testing.T) {
	boxes := realBoxes(t, "wichita-1", "wichita-2", "tulsa")
	a, b, c := boxes[0], boxes[1], boxes[2]
	history := chains(t, 2500)
	if _, err := a.store.Add(t.Context(), history...); err != nil {
		t.Fatal(err)
	}
	for _, x := range boxes {
		x.start()
	}
	a.until(t, "the peers live", func() bool { return a.Peers()[0].Alive && a.Peers()[1].Alive })
	ack, err := a.Publish(t.Context(), chains(t, 1)[0])
	if err != nil || ack.Alone {
		t.Errorf("%+v, %v", ack, err)
	}
	want, _ := a.store.Digest()
	for _, x := range []*realBox{b, c} {
		x.until(t, "all of it", func() bool { d, _ := x.store.Digest(); return d == want })
	}
	a.until(t, "limp mode ends", func() bool { return !a.Limp().Active })
	if copies := a.Copies(history[0].ID); len(copies) != 3 {
		t.Errorf("copies on %v", copies)
	}
}

// BenchmarkJoin brings a new box to a wiki of 20,000 revisions.
func BenchmarkJoin(b *testing.B) {
	history := chains(b, 20_000)
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		boxes := realBoxes(b, "old", "new")
		if _, err := boxes[0].store.Add(b.Context(), history...); err != nil {
			b.Fatal(err)
		}
		boxes[0].start()
		b.StartTimer()
		boxes[1].start()
		if err := boxes[1].store.Wait(b.Context(), wiki.Seq(len(history)-1)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(history))/b.Elapsed().Seconds(), "revisions/s")
}

// BenchmarkLag measures how long a save takes to be on both boxes, and until
// a reader of the other one sees it; beside one local sync.
func BenchmarkLag(b *testing.B) {
	boxes := realBoxes(b, "here", "there")
	for _, x := range boxes {
		x.start()
	}
	boxes[0].until(b, "the peer lives", func() bool { return boxes[0].Peers()[0].Alive && boxes[1].Peers()[0].Alive })
	revisions := chains(b, 2*b.N)
	var local, saved, seen []time.Duration
	b.ResetTimer()
	for i := range b.N {
		began := time.Now()
		if _, err := boxes[0].Publish(b.Context(), revisions[2*i]); err != nil {
			b.Fatal(err)
		}
		saved = append(saved, time.Since(began))
		boxes[1].until(b, "it is seen", func() bool { return len(boxes[1].store.Missing([]wiki.ID{revisions[2*i].ID})) == 0 })
		seen = append(seen, time.Since(began))
		began = time.Now()
		if _, err := boxes[1].store.Add(b.Context(), revisions[2*i+1]); err != nil { // comes back by the feed
			b.Fatal(err)
		}
		local = append(local, time.Since(began))
		if err := boxes[0].store.Wait(b.Context(), wiki.Seq(2*i+1)); err != nil {
			b.Fatal(err)
		}
		feed := time.Since(began)
		b.ReportMetric(float64(feed.Microseconds()), "last-feed-µs")
	}
	for name, d := range map[string][]time.Duration{"sync": local, "save": saved, "seen": seen} {
		slices.Sort(d)
		b.ReportMetric(float64(d[len(d)/2].Microseconds()), name+"-p50-µs")
		b.ReportMetric(float64(d[len(d)*99/100].Microseconds()), name+"-p99-µs")
	}
}
