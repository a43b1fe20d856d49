package appliance

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/argss/argss/appliance/settings"
	"github.com/argss/argss/vip"
	"github.com/argss/argss/vip/drain"
	"github.com/argss/argss/vip/loopback"
	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/mirror"
	"github.com/argss/argss/wiki/store"
)

// Parts are what a box touches the world with. RealParts are those of a
// machine; tests and simulations give others. All but Words,
// Set and Notify are required.
type Parts struct {
	// Disk opens a folder of the box's disk, made if it is missing.
	Disk func(folder string) (wiki.Files, error)
	// Index says where a folder's index file is; "" keeps the index in memory
	// and has it read from the log at every start.
	Index func(folder string) string
	// Words is the file of the index that finds pages by their words; "": there
	// is none.
	Words string
	// Set, if not nil, puts something between a space's store and all who read
	// and write it: tests hide their faults and their eyes there. What it
	// returns must be a union.Renewer as the store is.
	Set func(space string, s mirror.Set) wiki.Store
	// Second, if not nil, is the second disk of the box.
	Second *Bay
	// Forget, if not nil, makes the machine's memory of a folder's files go, so
	// that they are read from the disk.
	Forget func(folder string)
	// Disks, if not nil, looks at the machine's disks; the wiki's folder is
	// looked for among their mounts.
	Disks *DiskParts
	// Listen takes an address of this machine, host:port.
	Listen func(address string) (net.Listener, error)
	// HTTP returns a way of its own to the other boxes: spaces do not wait for
	// each other's connections. One with a method CloseIdleConnections is told
	// when kept connections are of no use any more.
	HTTP func() http.RoundTripper
	// Link opens the network of the shared address. serve is called with a
	// listener on it each time this box takes it, and must return when the
	// listener is closed.
	Link func(shared settings.Shared, secret string, serve func(net.Listener)) (Link, error)

	// NoDisk, if not empty, says that what this box keeps is only in its memory.
	NoDisk string

	// Notify, if not nil, tells a watchdog how the box is, in the words of
	// sd_notify: READY=1, WATCHDOG=1 with each look at itself, STOPPING=1.
	Notify func(state string)

	Now    func() time.Time // for times that are shown; never for order
	Random io.Reader        // for salts, tokens and identities
	Jitter func() float64   // 0 to 1, spreads retries
	Log    *slog.Logger
}

// Link is a vip.Link that can be closed.
type Link interface {
	vip.Link
	io.Closer
}

// RealParts returns the parts of this machine for a box that keeps its data in
// a folder.
func RealParts(data string, log *slog.Logger) Parts {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}
	return Parts{
		Disk:   func(folder string) (wiki.Files, error) { return realDisk(filepath.Join(data, folder)) },
		Index:  func(folder string) string { return filepath.Join(data, folder, "index.db") },
		Words:  filepath.Join(data, "words.db"),
		Disks:  realDisks(data, log),
		Forget: func(folder string) { forget(filepath.Join(data, folder)) },
		Listen: func(address string) (net.Listener, error) { return drain.Listen(context.Background(), address) },
		HTTP:   func() http.RoundTripper { return transport(dialer) },
		Link:   loopbackLink,
		Notify: notify,
		NoDisk: os.Getenv(noDiskEnv),
		Now:    time.Now,
		Random: rand.Reader,
		Jitter: mathrand.Float64,
		Log:    log,
	}
}

func transport(dialer *net.Dialer) *http.Transport {
	return &http.Transport{
		DialContext:           dialer.DialContext,
		MaxIdleConnsPerHost:   16,
		IdleConnTimeout:       time.Minute,
		ResponseHeaderTimeout: 2 * time.Minute, // a long poll may be silent that long
		DisableCompression:    true,            // the wire package speaks for itself
	}
}

func realDisk(path string) (wiki.Files, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	return store.Dir(path), nil
}

func loopbackLink(shared settings.Shared, secret string, serve func(net.Listener)) (Link, error) {
	c := loopback.Config{Secret: secret, VHID: shared.VHID, Serve: serve}
	var err error
	if c.Source, err = netip.ParseAddrPort(shared.Source); err != nil {
		return nil, err
	}
	if c.Shared, err = netip.ParseAddrPort(shared.Address); err != nil {
		return nil, err
	}
	for _, p := range shared.Peers {
		peer, err := netip.ParseAddrPort(p)
		if err != nil {
			return nil, err
		}
		c.Peers = append(c.Peers, peer)
	}
	return loopback.Open(c)
}
