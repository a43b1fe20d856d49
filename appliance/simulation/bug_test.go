package simulation

import (
	"testing"
	"testing/synctest"
	"time"
)

// hasty runs a short storm that ends with the first broken promise.
func hasty(t *testing.T, seed uint64, bug Bug) (report Report) {
	synctest.Test(t, func(t *testing.T) {
		report = Storm(seed, Options{Length: 4 * time.Minute, People: 3, Bug: bug, Hasty: true})
	})
	return report
}

// catch returns the first seed that notices a bug, and what it says.
func catch(t *testing.T, bug Bug, seeds uint64) (seed uint64, problem string) {
	for seed := uint64(1); seed <= seeds; seed++ {
		if r := hasty(t, seed, bug); len(r.Problems) > 0 {
			return seed, r.Problems[0]
		}
	}
	return 0, ""
}

// caught checks that a bug is noticed, and that it is the bug that is noticed.
func caught(t *testing.T, bug Bug, seeds uint64) {
	t.Run(bug.Name, func(t *testing.T) {
		t.Parallel()
		seed, problem := catch(t, bug, seeds)
		if seed == 0 {
			t.Fatalf("not noticed with %d seeds", seeds)
		}
		t.Logf("seed %d: %s", seed, problem)
		if r := hasty(t, seed, Bug{}); len(r.Problems) > 0 {
			t.Errorf("seed %d breaks promises without the bug: %s", seed, r.Problems[0])
		}
	})
}

// TestDeliberateBugsAreCaughtAtOnce tries those that the first seeds notice; the
// system tests try all.
func TestDeliberateBugsAreCaughtAtOnce(t *testing.T) {
	for _, bug := range bugs {
		switch bug.Name {
		case "acknowledges before the sync", "acknowledges a failed write", "believes it has what it is sent",
			"drops the loser of a conflict", "takes a refused push for a receipt", "reuses a token",
			"drops a parent", "merges without being asked", "ignores an erase at ingest":
			caught(t, bug, 3)
		}
	}
}
