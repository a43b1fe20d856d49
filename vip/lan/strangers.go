package lan

import (
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/argss/argss/vip/carp"
)

// strangers warns about others on the LAN who get in the way, each once in a
// while: they advertise every second or more often.
type strangers struct {
	log *slog.Logger

	mu   sync.Mutex
	told map[stranger]time.Duration
}

type stranger struct {
	from netip.Addr
	what string
}

const (
	warnPause = 10 * time.Minute
	mostTold  = 256 // addresses can be invented
)

func (s *strangers) warn(from netip.Addr, what string, now time.Duration, more ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	who := stranger{from, what}
	if at, told := s.told[who]; told && now < at+warnPause {
		return
	}
	if s.told == nil || len(s.told) >= mostTold {
		s.told = map[stranger]time.Duration{}
	}
	s.told[who] = now
	s.log.Warn(what, append([]any{"from", from}, more...)...)
}

// foreign explains a packet of protocol 112 that is not one of ours. VRRP has
// the same protocol number and group; with the same id its routers and we see
// each other's packets as broken ones.
func (s *strangers) foreign(p packet, vhid uint8, now time.Duration) {
	if len(p.payload) < 8 || p.payload[1] != vhid {
		return
	}
	switch {
	case len(p.payload) == carp.Size && p.payload[0] == 0x21 && p.payload[3] == 7:
		s.warn(p.from, "another CARP group has our id, or this box has another passphrase or other addresses: choose another id, or make them equal", now, "id", vhid)
	case p.payload[0] == 0x21 || p.payload[0] == 0x31:
		s.warn(p.from, "a VRRP group has our id: choose another one", now, "id", vhid)
	}
}

func (s *strangers) broken(from netip.Addr, err error, now time.Duration) {
	if err == errRouted {
		s.warn(from, "adverts come from beyond this LAN and do not count", now, "reason", err)
	}
}

func (s *strangers) unnamed(from netip.Addr, now time.Duration) {
	s.warn(from, "a box that is not named as a peer advertises our address: name it, or switch it off", now)
}
