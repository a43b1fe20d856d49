package loopback

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/argss/argss/vip"
)

// read carries datagrams from the socket into Inputs until the link closes.
func (l *Link) read() {
	// One byte more than a frame shows that a datagram is longer.
	var buffer [64]byte
	for {
		n, from, err := l.socket.ReadFromUDPAddrPort(buffer[:])
		switch {
		case err == nil:
			from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
			l.sort(buffer[:n], from)
		case errors.Is(err, net.ErrClosed):
			return
		case errors.Is(err, syscall.ECONNREFUSED):
			// A peer we sent to is dead; some kernels say so here.
		default:
			l.pause() // whatever it is, it must not make us spin
		}
	}
}

func (l *Link) pause() {
	select {
	case <-time.After(10 * time.Millisecond):
	case <-l.closed:
	}
}

// sort decides what a datagram is: our own mark, a peer's advert, or noise.
func (l *Link) sort(datagram []byte, from netip.AddrPort) {
	if from == l.config.Source && len(datagram) == markSize {
		select {
		case l.marks <- binary.BigEndian.Uint64(datagram):
		default: // nobody waits for it any more
		}
		return
	}
	if !slices.Contains(l.config.Peers, from) {
		l.counts.foreign.Add(1)
		return
	}
	packet, err := l.key.Parse(datagram)
	if err != nil || packet.VHID != l.config.VHID {
		l.counts.broken.Add(1)
		return
	}
	l.counts.heard.Add(1)
	l.give(vip.Heard{Advert: packet.Advert, From: from.Addr()})
}

const (
	markSize   = 8
	drainLimit = 20 * time.Millisecond
)

// Drain implements vip.Drainer. It sends a numbered mark to itself: the socket
// keeps the order, so when the reader meets the mark, everything that had
// arrived before is in Inputs. In a flood the kernel may throw the mark away;
// then Drain gives up after 20 milliseconds.
func (l *Link) Drain() {
	l.mark++
	mark := binary.BigEndian.AppendUint64(nil, l.mark)
	if _, err := l.socket.WriteToUDPAddrPort(mark, l.config.Source); err != nil {
		return
	}
	limit := time.NewTimer(drainLimit)
	defer limit.Stop()
	for {
		select {
		case met := <-l.marks:
			if met == l.mark {
				return
			}
		case <-limit.C:
			return
		case <-l.closed:
			return
		}
	}
}

// Stats counts the datagrams that arrived since Open.
type Stats struct {
	Heard   uint64 // adverts of peers
	Foreign uint64 // from anybody else
	Broken  uint64 // from a peer's address, but not an advert of this group
	Lost    uint64 // adverts thrown away because nobody read them
}

// Stats may be called at any time, also after Close.
func (l *Link) Stats() Stats {
	return Stats{
		Heard:   l.counts.heard.Load(),
		Foreign: l.counts.foreign.Load(),
		Broken:  l.counts.broken.Load(),
		Lost:    l.counts.lost.Load(),
	}
}
