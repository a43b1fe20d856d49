package disks

import "math"

// The odds are the share of disks that fail within a year once a raw value has
// reached a level: Backblaze's data as the Scrutiny project tabulated it
// (thresholds/ata_attribute_metadata.go). Above 1 the expected life is below a
// year. They are of spinning disks; the tables end where samples get thin.

// step is a level and the odds from there on.
type step struct {
	from uint64
	odds float64
}

var odds = map[Signal][]step{
	Reallocated:   {{0, 0.025}, {1, 0.027}, {5, 0.075}, {17, 0.24}, {71, 0.36}, {261, 0.57}, {1101, 1.5}},
	Uncorrectable: {{0, 0.028}, {1, 0.34}, {2, 0.24}, {4, 0.50}, {35, 1.44}},
	Pending:       {{0, 0.026}, {1, 0.34}, {3, 0.68}, {100, 2.51}},
	Offline:       {{0, 0.029}, {1, 0.81}, {3, 1.12}, {10, 1.75}},
	SpinRetry:     {{0, 0.055}, {1, 0.56}},
}

// Odds returns the published odds that a disk with this count fails within a
// year, and whether any were published.
func Odds(s Signal, count uint64) (perYear float64, known bool) {
	for _, t := range odds[s] {
		if count >= t.from {
			perYear, known = t.odds, true
		}
	}
	return perYear, known
}

// From these odds on a disk is to be watched, or replaced: twice the risk of a
// disk without a blemish, and as likely to fail within the year as not.
const (
	watchOdds   = 0.06
	replaceOdds = 0.50
)

// burst is how many more in a day are many, whatever there was before.
const burst = 16

// factor multiplies the odds of a level by how it came about. What appears for
// the first time is what the tables are about; a count that goes on growing is
// far worse, and one that has stood still for a week is an old story.
func factor(day, week Growth) float64 {
	switch {
	case day.More >= burst, day.More > 0 && day.Base > 0:
		return 4
	case week.More > 0 && week.Base > 0:
		return 2
	case week.Whole && week.More == 0:
		return 0.5
	}
	return 1
}

// byOdds grades a level with its growth.
func byOdds(s Signal, count uint64, day, week Growth) Grade {
	level, known := Odds(s, count)
	if !known || count == 0 {
		return Good
	}
	switch risk := level * factor(day, week); {
	case risk >= replaceOdds:
		return Replace
	case risk >= watchOdds:
		return Watch
	}
	return Good
}

// percent writes odds as people read them.
func percent(perYear float64) int { return int(math.Round(min(perYear, 1) * 100)) }
