package probe

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Stat is what /sys/block/*/stat counts.
type Stat struct {
	Done     uint64        // requests finished
	Waited   time.Duration // by all of them together
	InFlight uint64
}

// Stat reads the counters of a disk, false if there are none.
func (s System) Stat(name string) (Stat, bool) {
	f := strings.Fields(line(s.Sys, "block/"+name+"/stat"))
	if len(f) < 11 {
		return Stat{}, false
	}
	var n [17]uint64
	for i := range min(len(f), len(n)) {
		v, err := strconv.ParseUint(f[i], 10, 64)
		if err != nil {
			return Stat{}, false
		}
		n[i] = v
	}
	return Stat{Done: n[0] + n[4] + n[11] + n[15], Waited: time.Duration(n[3]+n[7]+n[14]+n[16]) * time.Millisecond, InFlight: n[8]}, true
}

// Latency watches how long a disk's requests take. The kernel tells their sum
// alone, so what is known of an interval is its mean; the 99th percentile is
// taken over the requests of all intervals in the window.
type Latency struct {
	last    Stat
	seen    bool
	moved   time.Time
	samples []interval
}

type interval struct {
	at   time.Time
	done uint64
	mean time.Duration
}

const (
	latencyWindow = 15 * time.Minute
	latencyLeast  = 20 // requests from which on there is something to say
)

// Look takes a new reading and tells whether the disk worked since the last.
func (l *Latency) Look(s Stat, now time.Time) (worked bool) {
	if l.seen && s.Done > l.last.Done && s.Waited >= l.last.Waited {
		done := s.Done - l.last.Done
		l.samples = append(l.samples, interval{now, done, (s.Waited - l.last.Waited) / time.Duration(done)})
		worked = true
	}
	if worked || !l.seen || s.InFlight == 0 {
		l.moved = now
	}
	l.last, l.seen = s, true
	l.samples = slices.DeleteFunc(l.samples, func(i interval) bool { return now.Sub(i.at) > latencyWindow })
	return worked
}

// P99 returns the time that 99 of 100 requests did not pass, 0 if too few were
// seen.
func (l *Latency) P99() time.Duration {
	sorted := slices.SortedFunc(slices.Values(l.samples), func(a, b interval) int { return int(b.mean - a.mean) })
	var all uint64
	for _, i := range sorted {
		all += i.done
	}
	if all < latencyLeast {
		return 0
	}
	rest := all / 100
	for _, i := range sorted {
		if i.done > rest {
			return i.mean
		}
		rest -= i.done
	}
	return 0
}

// Stuck returns for how long requests have waited without one coming back.
func (l *Latency) Stuck(now time.Time) time.Duration {
	if l.last.InFlight == 0 {
		return 0
	}
	return now.Sub(l.moved)
}
