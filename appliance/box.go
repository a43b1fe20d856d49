package appliance

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"

	"github.com/argss/argss/appliance/settings"
	"github.com/argss/argss/disks/monitor"
	"github.com/argss/argss/wiki"
)

// Box is one box of a wiki: everything it does, made from the owner's settings
// and the parts it touches the world with. Make it with New, run it once.
type Box struct {
	settings settings.Settings
	parts    Parts
	log      *slog.Logger

	files    wiki.Files // of the disk, to ask for the room on it
	blobs    mending
	spaces   map[string]*space
	handler  http.Handler
	door     *door
	shared   sharer // nil: no shared address
	health   observer
	limp     limpWatch
	scrub    *monitor.Scrub
	twinWear twinWear
	disks    *monitor.Monitor // nil: nobody looks at the disks
	repairs  repairs
	asked    atomic.Int64 // when a page was last read or written, in nanoseconds
	ready    chan struct{}
}

// New returns a box that does nothing yet. The settings must have passed
// Check.
func New(s settings.Settings, parts Parts) *Box {
	return &Box{
		settings: s,
		parts:    parts,
		log:      parts.Log.With("box", s.Box),
		spaces:   map[string]*space{},
		ready:    make(chan struct{}),
	}
}

// Ready is closed once the box answers on its own address.
func (b *Box) Ready() <-chan struct{} { return b.ready }

// Run starts the box and blocks until ctx ends or the box cannot go on. On the
// way down it gives up the shared address first, then finishes answering, then
// closes its stores.
func (b *Box) Run(ctx context.Context) error {
	services := newStack(b.log)
	defer services.stop()
	if err := b.start(services); err != nil {
		return fmt.Errorf("start box %s: %w", b.settings.Box, err)
	}
	close(b.ready)
	b.tell("READY=1")
	defer b.tell("STOPPING=1")
	b.log.Info("box is up", "address", b.settings.Listen, "version", Version())
	select {
	case <-ctx.Done():
		return nil
	case err := <-services.failed:
		return fmt.Errorf("box %s: %w", b.settings.Box, err)
	}
}

// start brings the services up in the order they need one another.
func (b *Box) start(services *stack) error {
	if err := b.openDisk(services); err != nil {
		return err
	}
	b.scrub = b.newScrub()
	b.watchDisks(services)
	b.handler = b.routes(services)
	if err := b.answer(services); err != nil {
		return err
	}
	for _, named := range spaces {
		s := b.spaces[named.Name]
		services.start("exchange "+s.Name, s.exchange.Run)
		services.start("repair "+s.Name, s.healDamage)
	}
	services.start("repair files", b.healBlobs)
	services.start("scrub", b.scrub.Run)
	if err := b.joinGroup(services); err != nil {
		return err
	}
	services.start("health", b.watchHealth)
	if b.shared != nil {
		services.start("shared address", b.shared.run)
	}
	return nil
}

func (b *Box) openDisk(services *stack) error {
	pieces, err := b.openPieces(services)
	if err != nil {
		return fmt.Errorf("open files: %w", err)
	}
	b.blobs = mending{pieces, b.repaired("files")}
	for _, s := range spaces {
		opened, err := b.openSpace(s)
		if err != nil {
			return err
		}
		b.spaces[s.Name] = opened
		services.onStop("store "+s.Name, opened.close)
	}
	return nil
}

// answer serves the box's own address.
func (b *Box) answer(services *stack) error {
	l, err := b.parts.Listen(b.settings.Listen)
	if err != nil {
		return fmt.Errorf("answer on %s: %w", b.settings.Listen, err)
	}
	server := b.server()
	b.door = &door{server: server, listener: l, log: b.log}
	services.start("answers", func(ctx context.Context) error {
		served := make(chan error, 1)
		go func() { served <- server.Serve(l) }()
		select {
		case err := <-served:
			return err
		case <-ctx.Done():
		}
		server.finish()
		<-served
		return nil
	})
	return nil
}

// uuid names this box to CouchDB clients for ever, without being stored.
func (b *Box) uuid() string {
	mac := hmac.New(sha256.New, []byte(b.settings.Secret))
	mac.Write([]byte("box uuid " + b.settings.Box))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}
