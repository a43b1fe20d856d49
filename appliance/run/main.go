// Program run is what "make run" runs: three boxes on this machine, one wiki,
// and plugs to pull. Package household tells what it prints and keeps.
//
//	run [-boxd FILE] [-data FOLDER] [-import FOLDER]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/argss/argss/appliance/household"
)

func main() {
	show := household.Show{In: os.Stdin, Out: os.Stdout}
	flag.StringVar(&show.Boxd, "boxd", "bin/boxd", "program that is a box")
	flag.StringVar(&show.Data, "data", "run", "folder for everything the boxes keep")
	flag.StringVar(&show.Import, "import", "", "folder of Markdown files to bring into the wiki")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := show.Run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
		os.Exit(1)
	}
}
