package household

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Config says where a household lives.
type Config struct {
	Boxd    string    // path of the program that is a box
	Data    string    // folder of everything; it may exist from an earlier time
	Network Network   // zero: DefaultNetwork
	Random  io.Reader // for the secret of new boxes; nil: the system's
	// Tell hears what happens to boxes, from several goroutines. It may be nil.
	Tell func(Event)
}

// Event is something that happened to a box.
type Event struct {
	Kind EventKind
	Box  Box
	Err  error // of Failed
}

// EventKind says what happened.
type EventKind int

// What can happen to a box.
const (
	Ready     EventKind = iota // it answers
	Unplugged                  // it was killed, by Kill or from elsewhere
	Failed                     // it ended by itself; Err says how
)

// Household is three running boxes. Make one with Start, and Stop it.
type Household struct {
	config Config
	folder *folder
	port   uint16
	plugs  []*plug
	spawn  *spawner
	asker  *asker
	stop   sync.Once
}

// Start starts all boxes and returns when each answers at its own address and
// one of the twins at the shared one. On an error nothing is left running.
func Start(ctx context.Context, c Config) (*Household, error) {
	if c.Network == (Network{}) {
		c.Network = DefaultNetwork
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Tell == nil {
		c.Tell = func(Event) {}
	}
	f, err := openFolder(c.Data)
	if err != nil {
		return nil, err
	}
	port, err := f.prepare(c.Network, c.Random)
	if err != nil {
		return nil, errors.Join(err, f.close())
	}
	h := &Household{config: c, folder: f, port: port, spawn: newSpawner(), asker: newAsker(&http.Transport{})}
	for _, s := range c.Network.stations() {
		h.plugs = append(h.plugs, &plug{
			station: s, url: h.url(s.host), boxd: c.Boxd, folder: f, spawner: h.spawn, died: h.died,
		})
	}
	if err := h.startAll(ctx); err != nil {
		h.Stop()
		return nil, err
	}
	return h, nil
}

// startAll starts the boxes side by side.
func (h *Household) startAll(ctx context.Context) error {
	errs := make([]error, len(h.plugs))
	var all sync.WaitGroup
	for i, p := range h.plugs {
		all.Go(func() { errs[i] = h.plugIn(ctx, p) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if err := h.asker.untilReady(ctx, h.URL(), ""); err != nil {
		return fmt.Errorf("wait for the shared address %s: %w", h.URL(), err)
	}
	return nil
}

func (h *Household) plugIn(ctx context.Context, p *plug) error {
	if err := p.start(ctx, h.asker); err != nil {
		return err
	}
	h.config.Tell(Event{Kind: Ready, Box: p.box()})
	return nil
}

func (h *Household) died(p *plug, err error) {
	e := Event{Kind: Unplugged, Box: p.box()}
	if !unplugged(err) {
		e.Kind = Failed
		e.Err = fmt.Errorf("box %s ended by itself (%v); its log ends in: %s", p.name, err, h.folder.lastWords(p.name))
	}
	h.config.Tell(e)
}

func (h *Household) url(host netip.Addr) string {
	return "http://" + netip.AddrPortFrom(host, h.port).String()
}

// URL is the wiki's own address, the one that moves between the twins.
func (h *Household) URL() string { return h.url(h.config.Network.shared()) }

// Port is the port all addresses use.
func (h *Household) Port() uint16 { return h.port }

// LedgerFile is the file whose figures the boxes show.
func (h *Household) LedgerFile() string { return h.folder.ledgerFile() }

// Boxes returns the boxes as they stand, always in the same order.
func (h *Household) Boxes() []Box {
	boxes := make([]Box, len(h.plugs))
	for i, p := range h.plugs {
		boxes[i] = p.box()
	}
	return boxes
}

// TwinsOut tells whether no box is left that could hold the shared address.
func (h *Household) TwinsOut() bool {
	for _, p := range h.plugs {
		if p.twin && p.box().PID != 0 {
			return false
		}
	}
	return true
}

// Kill pulls the plug of a box: SIGKILL, and it returns when the process has
// ended. It tells whether the box was running.
func (h *Household) Kill(name string) (bool, error) {
	p, err := h.find(name)
	if err != nil {
		return false, err
	}
	return p.kill(), nil
}

// Revive plugs a box in and returns when it answers. A running one is left
// alone.
func (h *Household) Revive(ctx context.Context, name string) error {
	p, err := h.find(name)
	if err != nil || p.box().PID != 0 {
		return err
	}
	return h.plugIn(ctx, p)
}

func (h *Household) find(name string) (*plug, error) {
	for _, p := range h.plugs {
		if p.name == name {
			return p, nil
		}
	}
	return nil, fmt.Errorf("there is no box called %q", name)
}

// Conditions asks every box at its own address. Those that do not answer are
// left out.
func (h *Household) Conditions(ctx context.Context) map[string]Condition {
	all := map[string]Condition{}
	for _, b := range h.Boxes() {
		if c, err := h.asker.condition(ctx, b.URL); err == nil {
			all[b.Name] = c
		}
	}
	return all
}

// stopTime is how long boxes may take to stop in order.
const stopTime = 8 * time.Second

// Stop ends all boxes in order, kills those that take too long, and lets go of
// the data folder. Nobody is told of these ends. It may be called twice.
func (h *Household) Stop() { h.stop.Do(h.stopAll) }

func (h *Household) stopAll() {
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	var all sync.WaitGroup
	for _, p := range h.plugs {
		all.Go(func() { p.stop(ctx) })
	}
	all.Wait()
	h.spawn.close()
	h.asker.http.CloseIdleConnections()
	_ = h.folder.close() // it was only a lock
}
