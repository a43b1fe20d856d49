// Program disks is make bench-disks: it measures a scrub beside sha256sum on the
// same files, and what the looks at the disks cost.
//
//	disks [-in FOLDER] [-files N] [-pages N] [-rounds N]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/argss/argss/appliance/bench"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench-disks:", err)
		os.Exit(1)
	}
}

func run() error {
	s := bench.Scrubbing{Out: os.Stdout}
	in := flag.String("in", "", "existing folder on the disk to measure; empty: that for temporary files")
	flag.IntVar(&s.Files, "files", 64, "files of 8 MB")
	flag.IntVar(&s.Pages, "pages", 2000, "pages of 4 KB")
	flag.IntVar(&s.Rounds, "rounds", 3, "how often it is measured")
	flag.IntVar(&s.Looks, "looks", 20_000, "looks at the disks")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	folder, err := os.MkdirTemp(*in, "bench-disks-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	s.Folder = folder
	return s.Run(ctx)
}
