package bench

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
	"github.com/argss/argss/wiki/merge"
	"github.com/argss/argss/wiki/page"
	"github.com/argss/argss/wiki/store"
	"github.com/argss/argss/wiki/union"
)

// Space is one space of a box without the box: its store, its exchange, its
// wire, and pages that nobody draws.
type Space struct {
	Meter
	Store    *store.Store
	Exchange *union.Exchange
	Pages    *page.Pages

	address string
	server  *http.Server
	cancel  context.CancelFunc
	all     sync.WaitGroup
}

func startSpace(name, folder, address string, peers map[string]string) (*Space, error) {
	path, err := within(folder, name)
	if err != nil {
		return nil, err
	}
	s := &Space{address: address}
	if s.Store, err = store.Open(files{store.Dir(path), &s.Meter}, store.Options{IndexPath: filepath.Join(path, "index.db")}); err != nil {
		return nil, err
	}
	c := union.Config{
		Box: name, Space: wiki.Public, Store: s.Store, Secret: secret,
		HTTP: &http.Transport{MaxIdleConnsPerHost: 16, DisableCompression: true},
	}
	for peer, at := range peers {
		c.Peers = append(c.Peers, union.Peer{Name: peer, URL: "http://" + at})
	}
	s.Exchange = union.New(c)
	s.Pages = page.New(page.Config{Store: s.Store, Merger: merge.Merger{}, Publisher: s.Exchange, Now: time.Now, Random: rand.Reader})
	return s, s.serve(name, address)
}

func (s *Space) serve(name, address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	wire := couch.New(couch.Config{Box: name, UUID: name, Secret: secret, Databases: []couch.Database{
		{Space: wiki.Public, Store: s.Store, Exchange: s.Exchange},
	}})
	s.server = &http.Server{Handler: wire}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	s.all.Go(func() { _ = s.server.Serve(listener{l, &s.Meter}) }) // ends when it is closed
	s.all.Go(func() { _ = s.Exchange.Run(ctx) })                   // and so does this
	return nil
}

func (s *Space) stop() error {
	s.cancel()
	err := s.server.Close()
	s.all.Wait()
	if failed := s.Store.Close(); err == nil {
		err = failed
	}
	return err
}

// settled waits until saves here are answered by that many boxes.
func (s *Space) settled(ctx context.Context, author *Author) error {
	for {
		first, err := author.Write(1)
		if err != nil {
			return err
		}
		ack, err := s.Exchange.Publish(ctx, first...)
		if err != nil || !ack.Alone {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}
