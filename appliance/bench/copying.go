package bench

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Copying is the benchmark of make bench-copy.
type Copying struct {
	Folder    string // for the disks of all boxes; what it holds is overwritten
	Out       io.Writer
	Rounds    int      // of what is repeated, for medians
	Saves     int      // of one writer
	Crowd     int      // saves of many writers, a round
	Lags      int      // saves whose copy is awaited
	Revisions int      // in the set that a new box takes
	Pouch     string   // path of join.mjs; "": PouchDB is left out
	Only      []string // parts: saves, crowd, lag, join; none: all

	table *tabwriter.Writer
}

// Run measures and prints. It blocks for minutes.
func (c *Copying) Run(ctx context.Context) error {
	c.table = tabwriter.NewWriter(c.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(c.table, "All boxes in one process, %d processors, %s; medians of %d rounds where nothing else is said.\n", runtime.GOMAXPROCS(0), runtime.Version(), c.Rounds)
	for _, part := range []struct {
		name string
		run  func(context.Context) error
	}{{"saves", c.saves}, {"crowd", c.crowd}, {"lag", c.lags}, {"join", c.joins}} {
		if len(c.Only) > 0 && !slices.Contains(c.Only, part.name) {
			continue
		}
		err := part.run(ctx)
		if err != nil {
			return fmt.Errorf("measure %s: %w", part.name, err)
		}
		if err := c.table.Flush(); err != nil {
			return fmt.Errorf("print %s: %w", part.name, err)
		}
	}
	return nil
}

func (c *Copying) head(format string, args ...any) {
	fmt.Fprintf(c.table, "\n"+format+"\n", args...)
}

func (c *Copying) row(cells ...string) {
	fmt.Fprintln(c.table, "  "+strings.Join(cells, "\t"))
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d)/float64(time.Millisecond)) }

func ratio(d, base time.Duration) string { return fmt.Sprintf("%.2f", float64(d)/float64(base)) }

func whole(f float64) string { return fmt.Sprintf("%.0f", f) }
