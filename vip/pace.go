package vip

import (
	"net/netip"
	"time"
)

// pace remembers how unsteadily the master is heard, because on a loaded
// machine adverts come late without anybody being dead, and a takeover for that
// costs every client something. Twice the third longest silence of the last
// minute or two is granted: three, so that one odd moment does not slow down
// the discovery of a death, and twice, as twice the usual was seen to follow
// soon. A silence that led to a takeover and then proved to be no death
// counts at once. When the load goes, so does the patience.
type pace struct {
	limit time.Duration
	from  netip.Addr
	at    time.Duration // when it was heard last
	until time.Duration // end of this window
	worst [2]silences   // of this window and the one before
}

// silences are the three longest, longest first.
type silences [3]time.Duration

const (
	paceWindow = time.Minute
	// A master that was silent for longer was gone.
	paceGone = time.Second
)

func (s *silences) add(d time.Duration) {
	for i, longer := range s {
		if d > longer {
			s[i], d = d, longer
		}
	}
}

// heard notes that a master lives. Mistaken says that it was believed dead.
func (p *pace) heard(from netip.Addr, now time.Duration, mistaken bool) {
	if from != p.from {
		*p = pace{limit: p.limit, from: from, at: now, until: now + paceWindow}
		return
	}
	silence := now - p.at
	p.at = now
	p.turn(now)
	switch {
	case silence >= paceGone:
	case mistaken:
		for range p.worst[0] {
			p.worst[0].add(silence)
		}
	default:
		p.worst[0].add(silence)
	}
}

func (p *pace) turn(now time.Duration) {
	for range p.worst {
		if now >= p.until {
			p.worst = [2]silences{1: p.worst[0]}
			p.until += paceWindow
		}
	}
	p.until = max(p.until, now)
}

// patience is the silence that experience demands, 0 without experience.
func (p *pace) patience() time.Duration {
	third := max(p.worst[0][2], p.worst[1][2])
	return min(p.limit, 2*third)
}
