package union

import (
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
)

// Peer is a paired box as the settings name it. Name must be the name the box
// itself has: receipts of a box that answers with another are not counted.
type Peer struct {
	Name string
	URL  string // such as "http://tulsa.example:8080"
	Rate int64  // bytes a second it may be sent, and may send us when asked; 0: no limit
}

// Config says whose set is exchanged with whom. Box, Space and Store are
// required.
type Config struct {
	Box     string
	Space   wiki.Space
	Store   wiki.Store
	Blobs   wiki.Blobs // nil: files are copied without their pieces
	Gate    wiki.Gate
	Peers   []Peer
	Secret  string            // of the pairing
	HTTP    http.RoundTripper // nil: http.DefaultTransport
	Now     func() time.Time  // for times that are shown; nil: time.Now
	Jitter  func() float64    // 0 to 1, spreads retries; nil: math/rand
	Log     *slog.Logger
	Version string         // of the software, told to peers
	Orphans *couch.Orphans // of the space, shared with its wire; nil: none are kept
	Timing  Timing
}

// Timing is how patient an Exchange is. Zero fields take the default.
type Timing struct {
	Beat        time.Duration // between heartbeats: 1 s
	Silence     time.Duration // without an answer a peer is dead: 3 s
	MinDeadline time.Duration // a save waits at least so long for a living peer: 250 ms
	MaxDeadline time.Duration // and at most: 1 s
	Poll        time.Duration // a peer may be silent so long when nothing is new: 25 s
	CatchUp     time.Duration // a reader waits so long for what peers have: 1 s
	Keep        time.Duration // between writes of the notes: 5 s
	MaxBackoff  time.Duration // between retries: 5 s
	Walks       time.Duration // the longest between walks of the tree while sets differ: 10 min
	Differ      int           // heartbeats with differing digests before the tree is walked: 3
}

func (t Timing) withDefaults() Timing {
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&t.Beat, time.Second},
		{&t.Silence, 3 * time.Second},
		{&t.MinDeadline, 250 * time.Millisecond},
		{&t.MaxDeadline, time.Second},
		{&t.Poll, 25 * time.Second},
		{&t.CatchUp, time.Second},
		{&t.Keep, 5 * time.Second},
		{&t.MaxBackoff, 5 * time.Second},
		{&t.Walks, 10 * time.Minute},
	} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	if t.Differ == 0 {
		t.Differ = 3
	}
	return t
}

func (c Config) withDefaults() Config {
	if c.HTTP == nil {
		c.HTTP = http.DefaultTransport
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Jitter == nil {
		c.Jitter = rand.Float64
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Timing = c.Timing.withDefaults()
	return c
}
