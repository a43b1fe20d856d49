package bench

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/argss/argss/images/bench/network"
)

// World is boxes, their networks and the person at home. It needs root.
type World struct {
	Boxes  []*Box
	Person *network.Station
	Home   *network.Switch
	Line   *network.Cable // to the other city; nil if nobody lives there

	dir     string
	closers []func()
}

// New makes a world in which all power is off. Images is the folder with what
// make image made.
func New(images string, plans ...Plan) (w *World, err error) {
	w = &World{Home: network.NewSwitch("home")}
	w.onClose(w.Home.Close)
	defer func() {
		if err != nil {
			w.Close()
			err = fmt.Errorf("make a world: %w", err)
		}
	}()
	if w.dir, err = os.MkdirTemp("", "bench"); err != nil {
		return nil, err
	}
	w.onClose(func() { os.RemoveAll(w.dir) })
	if w.Person, err = w.station("person", w.Home, homeRouter+"/24"); err != nil {
		return nil, err
	}
	places, city := make([]place, len(plans)), w.Home
	for i, p := range plans {
		places[i] = place{p, i}
		if p.Abroad && w.Line == nil {
			if city, err = w.otherCity(); err != nil {
				return nil, err
			}
		}
	}
	for _, p := range places {
		lan := w.Home
		if p.Abroad {
			lan = city
		}
		b, err := w.box(images, p, places, lan)
		if err != nil {
			return nil, err
		}
		w.Boxes = append(w.Boxes, b)
	}
	return w, nil
}

func (w *World) onClose(f func()) { w.closers = append(w.closers, f) }

// Close ends all of it.
func (w *World) Close() {
	for i := len(w.closers) - 1; i >= 0; i-- {
		w.closers[i]()
	}
	w.closers = nil
}

func (w *World) station(name string, lan *network.Switch, at string) (*network.Station, error) {
	s, err := network.NewStation(name)
	if err != nil {
		return nil, err
	}
	w.onClose(s.Close)
	_, err = s.Join(lan, netip.MustParsePrefix(at))
	return s, err
}

// otherCity makes the line and the city behind it.
func (w *World) otherCity() (*network.Switch, error) {
	line, city := network.NewSwitch("line"), network.NewSwitch("city")
	w.onClose(line.Close)
	w.onClose(city.Close)
	router, err := w.station("router", city, cityRouter+"/24")
	if err != nil {
		return nil, err
	}
	if w.Line, err = router.Join(line, netip.MustParsePrefix("10.77.255.2/30")); err != nil {
		return nil, err
	}
	_, err = w.Person.Join(line, netip.MustParsePrefix("10.77.255.1/30"))
	return city, errors.Join(err,
		w.Person.Route(netip.MustParsePrefix("10.77.1.0/24"), netip.MustParseAddr("10.77.255.2")),
		router.Route(netip.MustParsePrefix("10.77.0.0/24"), netip.MustParseAddr("10.77.255.1")))
}

// Client asks from where the person sits, each time over a new connection.
func (w *World) Client(patience time.Duration) *http.Client {
	return &http.Client{Timeout: patience, Transport: &http.Transport{DialContext: w.Person.DialContext, DisableKeepAlives: true}}
}

// Record keeps all frames of the home LAN in a pcap file.
func (w *World) Record(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("record the home LAN: %w", err)
	}
	w.Home.Record(network.NewRecorder(f))
	return nil
}

// Door lets a browser of this machine in: what connects to address here speaks
// to the target there.
func (w *World) Door(address, target string) error {
	l, err := net.Listen("tcp4", address)
	if err != nil {
		return fmt.Errorf("open a door: %w", err)
	}
	w.onClose(func() { l.Close() })
	go w.pass(l, target)
	return nil
}

func (w *World) path(name string) string { return filepath.Join(w.dir, name) }
