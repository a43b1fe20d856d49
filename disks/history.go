package disks

import (
	"cmp"
	"slices"
	"time"
)

// Sample is what a disk's signals were at one time.
type Sample struct {
	At     time.Time `json:"at"`
	Values Values    `json:"values"`
}

// History is samples of one disk, oldest first.
type History []Sample

// before returns the newest sample not younger than at, if there is one.
func (h History) before(at time.Time) (Sample, bool) {
	i, found := slices.BinarySearchFunc(h, at, func(s Sample, t time.Time) int { return cmp.Compare(s.At.UnixNano(), t.UnixNano()) })
	if found {
		return h[i], true
	}
	if i == 0 {
		return Sample{}, false
	}
	return h[i-1], true
}

// Growth is how a count moved.
type Growth struct {
	Base  uint64 // what it was at the beginning
	More  uint64 // how much it has grown since
	Whole bool   // the history reaches back as far as was asked
}

// Growth returns how a signal has grown within a window up to now. A count that
// fell began anew. What is younger than the window is all there is to compare
// with.
func (h History) Growth(s Signal, current uint64, now time.Time, window time.Duration) Growth {
	g := Growth{Base: current}
	if sample, ok := h.before(now.Add(-window)); ok {
		if v, seen := sample.Values[s]; seen {
			g.Base, g.Whole = v, true
		}
	}
	if !g.Whole {
		for _, sample := range h {
			if v, seen := sample.Values[s]; seen {
				g.Base = v
				break
			}
		}
	}
	if g.Base > current {
		g.Base = h.restart(s, now.Add(-window), current)
	}
	g.More = current - g.Base
	return g
}

// restart returns the lowest value since a time: from there a count that fell
// has grown.
func (h History) restart(s Signal, since time.Time, current uint64) uint64 {
	low := current
	for _, sample := range h {
		if v, seen := sample.Values[s]; seen && !sample.At.Before(since) {
			low = min(low, v)
		}
	}
	return low
}

// The windows growth is judged over.
const (
	Day  = 24 * time.Hour
	Week = 7 * Day
)
