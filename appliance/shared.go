package appliance

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"

	"github.com/argss/argss/appliance/dashboard"
	"github.com/argss/argss/vip"
	"github.com/argss/argss/vip/agent"
)

// sharer is this box's part in holding the shared address.
type sharer interface {
	run(ctx context.Context) error // takes part until ctx ends, then leaves in order
	demote(n int)
	sharing() dashboard.Sharing
}

// joinGroup prepares this box's part in the election for the shared address, if
// it has a twin: by itself on loopback, by the program vipd on a network.
func (b *Box) joinGroup(services *stack) error {
	shared := b.settings.Shared
	switch {
	case shared == nil:
		return nil
	case shared.LAN == nil:
		w, err := b.newWithin()
		if err != nil {
			return fmt.Errorf("share address %s: %w", shared.Address, err)
		}
		b.shared = w
		return nil
	}
	b.shared = newBeside(*shared, b.door, b.log)
	if shared.LAN.Vipd == "" {
		return nil
	}
	return b.keepVipd(services)
}

// within is the shared address where this process holds it.
type within struct {
	*agent.Agent
	link Link
}

func (b *Box) newWithin() (*within, error) {
	shared := b.settings.Shared
	source, err := netip.ParseAddrPort(shared.Source)
	if err != nil {
		return nil, err
	}
	link, err := b.parts.Link(*shared, groupSecret(b.settings.Secret), b.serveShared)
	if err != nil {
		return nil, err
	}
	a, err := agent.New(agent.Config{
		Machine: vip.Config{VHID: shared.VHID, Source: source.Addr(), Skew: shared.Skew},
		Log:     b.log,
	}, link)
	if err != nil {
		link.Close()
		return nil, err
	}
	return &within{a, link}, nil
}

func (w *within) run(ctx context.Context) error {
	defer w.link.Close()
	return w.Run(ctx)
}

func (w *within) demote(n int) { w.Demote(n) }

// sharing implements sharer.
func (w *within) sharing() dashboard.Sharing {
	a := w.Status()
	s := dashboard.Sharing{Role: dashboard.Backup, Reason: a.Reason}
	if a.State == vip.Master {
		s.Role = dashboard.Master
	}
	if a.Master.IsValid() {
		s.Holder = a.Master.String()
	}
	if !a.Since.IsZero() {
		s.Since = &a.Since
	}
	if a.TakeError != nil {
		s.Problem = a.TakeError.Error()
	}
	for _, c := range w.History() {
		s.Changes = append(s.Changes, dashboard.Change{At: c.At, To: c.To.String(), Reason: c.Reason})
	}
	return s
}

// serveShared answers on the shared address as long as this box holds it.
func (b *Box) serveShared(l net.Listener) {
	server := b.server()
	_ = server.Serve(l) // ends when the address is given up
	server.finish()
}

// groupSecret is the CARP passphrase: 19 characters, the most that ucarp
// takes, derived so that a captured digest says nothing about the pair secret.
func groupSecret(secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("carp"))
	return hex.EncodeToString(mac.Sum(nil))[:19]
}
