package lan

import (
	"encoding/binary"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/argss/argss/vip"
	"github.com/argss/argss/vip/heartbeat"
)

// plainMemory is for how long a box that knows no demotion is remembered.
const plainMemory = 10 * time.Minute

type counts struct{ heard, ignored, foreign, broken, forged atomic.Uint64 }

// arrived sorts one Ethernet frame.
func (l *Link) arrived(w *wire, frame []byte) {
	if len(frame) < etherSize || hardware(frame[6:12]) == w.hardware {
		return
	}
	kind, body := binary.BigEndian.Uint16(frame[12:]), frame[etherSize:]
	if c, ok := parseClaim(kind, body); ok {
		l.claims.note(c)
		return
	}
	l.hearCARP(w, kind, body)
}

// hearCARP decides whether a packet is an advert that counts.
func (l *Link) hearCARP(w *wire, kind uint16, body []byte) {
	p, err := parseCARP(kind, body)
	if p.from == w.source || err == nil && p.to != groupOf(p.to) && p.to != w.source {
		return
	}
	if err != nil {
		l.counts.broken.Add(1)
		l.strangers.broken(p.from, err, l.now())
		return
	}
	packet, err := l.key.Parse(p.payload)
	if err != nil {
		l.counts.foreign.Add(1)
		l.strangers.foreign(p, l.config.VHID, l.now())
		return
	}
	if packet.VHID != l.config.VHID {
		l.counts.foreign.Add(1)
		return
	}
	if !l.speaksByCARP(p.from) {
		l.counts.ignored.Add(1)
		return
	}
	if packet.Base >= 1 && packet.Demotion == 0 && !packet.IsBowOut() {
		l.plainUntil.Store(int64(l.now() + plainMemory))
	}
	l.hear(vip.Heard{Advert: packet.Advert, From: p.from})
}

// speaksByCARP reports whether CARP frames in this name count.
func (l *Link) speaksByCARP(from netip.Addr) bool {
	for _, p := range l.peers {
		if p.plain == from {
			return !p.talk.Speaks(l.now())
		}
	}
	if len(l.peers) > 0 {
		l.strangers.unnamed(from, l.now())
		return false
	}
	return true
}

func (l *Link) hear(h vip.Heard) {
	l.counts.heard.Add(1)
	l.claims.masterHeard()
	l.inbox.give(h)
}

// hearBeat judges one datagram of a peer.
func (l *Link) hearBeat(datagram []byte) {
	for _, p := range l.peers {
		m, verdict, answer := p.talk.Hear(datagram, l.now())
		if answer != nil {
			l.beats.writeTo(answer, p.at)
		}
		switch verdict {
		case heartbeat.Foreign:
			continue
		case heartbeat.Forged:
			l.counts.forged.Add(1)
		case heartbeat.Old:
			l.counts.ignored.Add(1)
		case heartbeat.Believed:
			if m.State == vip.Master {
				l.hear(vip.Heard{Advert: m.Advert, From: p.plain})
			}
		}
		return
	}
	l.counts.foreign.Add(1)
}

// Stats counts what arrived since Open.
type Stats struct {
	Heard   uint64 // adverts that counted
	Ignored uint64 // replayed, or CARP in the name of a box that speaks better
	Foreign uint64 // of other groups and programs
	Broken  uint64 // not whole, or through a router
	Forged  uint64 // heartbeats with a wrong authentication
	Lost    uint64 // adverts thrown away because nobody read them

	Speaking []netip.Addr // peers that speak heartbeats
}

// Stats may be called at any time, also after Close.
func (l *Link) Stats() Stats {
	s := Stats{
		Heard:   l.counts.heard.Load(),
		Ignored: l.counts.ignored.Load(),
		Foreign: l.counts.foreign.Load(),
		Broken:  l.counts.broken.Load(),
		Forged:  l.counts.forged.Load(),
		Lost:    l.inbox.lost.Load(),
	}
	for _, p := range l.peers {
		if p.talk.Speaks(l.now()) {
			s.Speaking = append(s.Speaking, p.plain)
		}
	}
	return s
}
