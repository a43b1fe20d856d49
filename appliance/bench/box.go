package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/argss/argss/appliance"
	"github.com/argss/argss/appliance/settings"
	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
)

var secret = strings.Repeat("5e", 16)

// Box is a whole box in this process, with its disk and its sockets metered.
type Box struct {
	Meter
	Address string
	stop    func() error
}

// startBox runs a box on the data in a folder. Peers are names with addresses.
func startBox(name, folder, address string, peers map[string]string) (*Box, error) {
	s := settings.Settings{Wiki: "Bench", Box: name, City: "Here", Listen: address, Data: folder, Secret: secret}
	for peer, at := range peers {
		s.Peers = append(s.Peers, settings.Peer{Name: peer, URL: "http://" + at})
	}
	if err := s.Check(); err != nil {
		return nil, err
	}
	b := &Box{Address: address}
	ctx, cancel := context.WithCancel(context.Background())
	box, done := appliance.New(s, b.parts(folder)), make(chan error, 1)
	go func() { done <- box.Run(ctx) }()
	b.stop = func() error { cancel(); return <-done }
	select {
	case <-box.Ready():
		return b, nil
	case err := <-done:
		cancel()
		return nil, err
	}
}

// parts are those of this machine, metered.
func (b *Box) parts(folder string) appliance.Parts {
	p := appliance.RealParts(folder, slog.New(slog.DiscardHandler))
	disk, listen := p.Disk, p.Listen
	p.Disk = func(folder string) (wiki.Files, error) {
		f, err := disk(folder)
		return files{f, &b.Meter}, err
	}
	p.Listen = func(address string) (net.Listener, error) {
		l, err := listen(address)
		return listener{l, &b.Meter}, err
	}
	return p
}

// freeAddresses returns ports of loopback that nobody has.
func freeAddresses(n int) (addresses []string, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		addresses = append(addresses, l.Addr().String())
	}
	return addresses, nil
}

// within makes a folder for a measurement, empty.
func within(folder, name string) (string, error) {
	path := filepath.Join(folder, name)
	if err := os.RemoveAll(path); err != nil {
		return "", fmt.Errorf("make room: %w", err)
	}
	return path, os.MkdirAll(path, 0o700)
}

// latest returns how many revisions the box ever took, as its feed says.
func (b *Box) latest(ctx context.Context) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+b.Address+"/db/public/_changes?since=now&limit=1", nil)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	var feed struct {
		Last string `json:"last_seq"`
	}
	err = json.NewDecoder(answer.Body).Decode(&feed)
	mark, _ := couch.ParseMark(feed.Last) // 0 is what no mark says, too
	return int(mark.Seq), err
}
