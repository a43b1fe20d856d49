// Program init is a box's first process; the kernel starts it. It owns nothing
// but its name; package pid1 says what it does.
package main

import (
	"fmt"
	"os"

	"github.com/argss/argss/appliance/pid1"
)

// version is set by the linker.
var version = "unversioned"

func main() {
	if len(os.Args) == 2 && os.Args[1] == "updates" {
		if err := pid1.Updates(version); err != nil {
			fmt.Fprintln(os.Stderr, "updates:", err)
			os.Exit(1)
		}
		return
	}
	if os.Getpid() != 1 {
		fmt.Fprintln(os.Stderr, "init: only the kernel of a box starts this program")
		os.Exit(2)
	}
	pid1.Main(version)
}
