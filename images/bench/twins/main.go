// Program twins boots the twins, and the box in the other city, under QEMU for a
// person to play with; make twins calls it. It owns nothing but its flags and
// the keys; package bench does the rest. It needs root.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/argss/argss/images/bench"
)

func main() {
	images := flag.String("images", "bin", "`folder` with what make image made")
	third := flag.Bool("third", false, "boot the box in the other city, too")
	flag.Parse()
	if err := run(*images, *third); err != nil {
		fmt.Fprintln(os.Stderr, "twins:", err)
		os.Exit(1)
	}
}

func run(images string, third bool) error {
	plans := bench.Twins
	if third {
		plans = bench.Three
	}
	w, err := bench.New(images, plans...)
	if err != nil {
		return err
	}
	defer w.Close()
	if err := w.Open(os.Stdout); err != nil {
		return err
	}
	fmt.Println("Type a box's name to pull its power or give it back, q to stop.")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan() && lines.Text() != "q"; {
		if said, err := w.Toggle(strings.TrimSpace(lines.Text())); err != nil {
			return err
		} else {
			fmt.Println(said)
		}
	}
	return nil
}
