// Program mkimage makes the firmware images; make image calls it.
//
//	mkimage [-out bin] [-version V] [-epoch SECONDS] [BOARD…]
//
// It owns nothing but its name and the list of programs on a box; packages
// images, images/build and fleet/slot say what an image is.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/argss/argss/fleet/slot"
	"github.com/argss/argss/images"
	"github.com/argss/argss/images/build"
)

var programs = []string{
	"./appliance/init", "./appliance/boxd", "./vip/vipd",
	"github.com/gokrazy/gokrazy/cmd/dhcp", "github.com/gokrazy/gokrazy/cmd/ntp",
}

func main() {
	out := flag.String("out", "bin", "`folder` to leave the images in")
	source := flag.String("source", ".", "`folder` of go.mod")
	version := flag.String("version", "unversioned", "`version` of the software")
	epoch := flag.Int64("epoch", 0, "time of every file in the image, `seconds` since 1970")
	flag.Parse()
	boards := flag.Args()
	if len(boards) == 0 {
		boards = []string{"amd64", "arm64", "rpi"}
	}
	for _, name := range boards {
		if err := makeBoard(name, *source, *out, *version, *epoch); err != nil {
			fmt.Fprintln(os.Stderr, "mkimage:", err)
			os.Exit(1)
		}
	}
}

func makeBoard(name, source, out, version string, epoch int64) error {
	board, err := images.FindBoard(name)
	if err != nil {
		return err
	}
	boot := slot.FirstEntry
	if board.Choice == images.Tryboot {
		boot = slot.FirstChoice
	}
	return build.Make(context.Background(), build.Recipe{
		Board: board, Source: source, Out: out, Go: "go", Version: version, When: time.Unix(epoch, 0),
		Stamps: []string{"github.com/argss/argss/appliance.version", "main.version"}, Programs: programs, Boot: boot,
	})
}
