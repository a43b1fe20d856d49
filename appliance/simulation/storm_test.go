package simulation

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var (
	seeds  = flag.Int("seeds", 4, "how many storms to run")
	first  = flag.Uint64("seed", 1, "the first storm's seed; with -seeds=1 the one to replay")
	length = flag.Duration("length", 10*time.Minute, "how long a storm rages, in virtual time")
	trace  = flag.Bool("trace", false, "write every event, and what the boxes log")
	tell   = flag.Bool("tell", false, "write a line for each storm, and a sum")
)

// storm runs one seed in a bubble of its own.
func storm(t *testing.T, seed uint64) Report {
	t.Helper()
	var report Report
	synctest.Test(t, func(t *testing.T) {
		o := Options{Length: *length, People: 3}
		if *trace {
			o.Out = os.Stdout
			o.Log = slog.New(slog.NewTextHandler(indent{os.Stdout}, nil))
		}
		report = Storm(seed, o)
	})
	return report
}

// indent sets what boxes log apart from the events.
type indent struct{ io.Writer }

func (i indent) Write(p []byte) (int, error) {
	_, err := fmt.Fprintf(i.Writer, "               | %s", p)
	return len(p), err
}

func TestNothingAcknowledgedIsLostInAnyStorm(t *testing.T) { storms(t, *first, *seeds) }

func storms(t *testing.T, first uint64, n int) {
	sum := new(Sum)
	t.Cleanup(func() {
		t.Log(sum)
		if *tell {
			fmt.Println(sum)
		}
	})
	for seed := first; seed < first+uint64(n); seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			report := storm(t, seed)
			sum.Add(report)
			t.Log(report)
			if *tell {
				fmt.Println(report)
			}
			if len(report.Problems) > 0 {
				t.Errorf("%d broken promises; replay with: make simulate SEED=%d LENGTH=%v TRACE=1\n%s", len(report.Problems), seed, *length,
					strings.Join(report.Problems[:min(len(report.Problems), 8)], "\n"))
			}
			if *length >= 10*time.Minute && (report.Acked == 0 || len(report.Faults) == 0) {
				t.Errorf("nothing was tried: %s", report)
			}
		})
	}
}

func TestASeedReplaysItsStorm(t *testing.T) {
	for seed := *first; seed < *first+2; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			one, two := storm(t, seed), storm(t, seed)
			if one.Trace != two.Trace {
				t.Errorf("the same seed told two stories:\n%s\n%s", one, two)
			}
		})
	}
}
