// Vipd holds a shared address together with other boxes. It is a program of
// its own so that it can be real-time as a whole: nothing that serves pages or
// waits for disks may delay an advert. It owns nothing but its name; package
// daemon says what it promises.
//
//	vipd -interface eth0 -source 10.77.0.1 -peer 10.77.0.2 \
//	     -address 10.77.0.100/24 -vhid 7 -secret-file secret
package main

import (
	"os"

	"github.com/argss/argss/vip/daemon"
)

// Before the main function, while there is one thread that matters.
func init() { daemon.BecomeRealtime() }

func main() { os.Exit(daemon.Main(os.Args[1:], os.Stderr)) }
