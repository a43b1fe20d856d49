package appliance

import (
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/argss/argss/vip/drain"
)

// door is where clients come in: the box's own listener, and who answers there.
// Before a shared address moves on purpose, it lets them out one by one.
type door struct {
	*server
	listener net.Listener
	log      *slog.Logger
}

const (
	// lastRequest is how long a kept connection may take to be used once more,
	// and so to be told that it ends. Ending it unasked could cross a request.
	lastRequest = 500 * time.Millisecond
	// held is how long newcomers may be kept waiting for the last answers.
	held   = 50 * time.Millisecond
	glance = time.Millisecond
)

// clear returns when no client of the shared addresses is being answered, and
// none can begin until reopen; or when that takes too long.
func (d *door) clear(shared []netip.Addr) {
	d.leave()
	late := time.Now().Add(grace)
	kept := d.clients(func(a net.Addr) bool { return slices.Contains(shared, addressOf(a)) })
	gone := func() bool { return !d.remain(kept) }
	if !await(time.Now().Add(lastRequest), gone) {
		for _, c := range d.idle(kept) {
			c.Close()
		}
		await(late, gone)
	}
	l, ok := d.listener.(syscall.Conn)
	if !ok {
		return
	}
	if err := drain.Hold(l); err != nil {
		d.log.Warn("some requests may fail while the shared address moves", "err", err)
		return
	}
	await(time.Now().Add(held), func() bool {
		n, err := drain.Open(shared)
		return n == 0 || err != nil
	})
}

// reopen lets newcomers in again: by now they are those of this box's own
// address.
func (d *door) reopen() {
	if l, ok := d.listener.(syscall.Conn); ok {
		if err := drain.Release(l); err != nil {
			d.log.Warn("answer again", "err", err)
		}
	}
}

func await(late time.Time, holds func() bool) bool {
	for !holds() {
		if time.Now().After(late) {
			return false
		}
		time.Sleep(glance)
	}
	return true
}

func addressOf(a net.Addr) netip.Addr {
	at, _ := netip.ParseAddrPort(a.String())
	return at.Addr().Unmap().WithZone("")
}
