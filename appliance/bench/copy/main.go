// Program copy is make bench-copy: it measures saves, copies and joins beside
// what disk and line can do, and prints a table.
//
//	copy [-only saves,crowd,lag,join] [-pouch FILE]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/pprof"
	"strings"

	"github.com/argss/argss/appliance/bench"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench-copy:", err)
		os.Exit(1)
	}
}

func run() (err error) {
	c := bench.Copying{Out: os.Stdout}
	in := flag.String("in", "", "existing folder on the disk to measure; empty: that for temporary files")
	only := flag.String("only", "", "parts, with commas: saves, crowd, lag, join")
	profile := flag.String("profile", "", "file for a CPU profile")
	flag.IntVar(&c.Rounds, "rounds", 3, "how often what is repeated is repeated")
	flag.IntVar(&c.Saves, "saves", 1000, "saves of one writer")
	flag.IntVar(&c.Crowd, "crowd", 20_000, "saves of 64 writers, a round")
	flag.IntVar(&c.Lags, "lags", 1000, "saves whose copy is awaited")
	flag.IntVar(&c.Revisions, "revisions", 100_000, "in the set a new box takes")
	flag.StringVar(&c.Pouch, "pouch", "", "path of join.mjs; empty leaves PouchDB out")
	flag.Parse()
	if *only != "" {
		c.Only = strings.Split(*only, ",")
	}
	if c.Folder, err = os.MkdirTemp(*in, "bench-copy"); err != nil {
		return err
	}
	defer os.RemoveAll(c.Folder)
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return c.Run(ctx)
}
