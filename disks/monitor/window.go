package monitor

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
	"time"
)

// Window is a stretch of time in which a box may scrub.
type Window struct{ Start, End time.Time }

const week = 7 * 24 * time.Hour

// ScrubWindow returns the window of a box that lasts at a time, or the next
// one. Each week is dealt out among the boxes, in whole hours of UTC, so that no
// two of them ever scrub in the same hour; where the deal begins is drawn from
// their names, so that not all households scrub on Sunday night. All boxes work
// it out alike, without a word to one another. More than 84 boxes share hours.
func ScrubWindow(boxes []string, self string, at time.Time) Window {
	names := slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(boxes), self))))
	rank, _ := slices.BinarySearch(names, self)
	share := max(2, 168/len(names))
	h := sha256.Sum256([]byte(strings.Join(names, "\n")))
	first := (int(binary.BigEndian.Uint16(h[:])) + rank*share) % 168

	monday := at.UTC().Truncate(week) // the zero time was a Monday
	w := Window{}
	for w.Start = monday.Add(time.Duration(first)*time.Hour - week); ; w.Start = w.Start.Add(week) {
		// The last hour of a share is left free: clocks may be off.
		w.End = w.Start.Add(time.Duration(share-1) * time.Hour)
		if w.End.After(at) {
			return w
		}
	}
}
