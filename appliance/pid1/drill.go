package pid1

import (
	"strings"
	"syscall"
	"time"
)

// drill is how a box is to fail, for tests. The command line must have the word
// argss.bench, which no image has:
//
//	argss.wedge=init   the first process stands still as soon as the watchdog runs
//	argss.wedge=start  boxd is never started
//	argss.wedge=boxd   boxd is stopped each time it says that it is ready
//	argss.patience=60s how long a version on trial may take to be healthy
type drill struct {
	wedge    string
	patience time.Duration
}

func parseDrill(cmdline string) drill {
	d := drill{patience: trialPatience}
	if !strings.Contains(" "+cmdline+" ", " argss.bench ") {
		return d
	}
	d.wedge, _ = argument(cmdline, "argss.wedge")
	if text, ok := argument(cmdline, "argss.patience"); ok {
		if p, err := time.ParseDuration(text); err == nil && p > 0 {
			d.patience = p
		}
	}
	return d
}

// standStill never returns.
func standStill() {
	for {
		time.Sleep(time.Hour)
	}
}

// stopWhenDrilled wedges a boxd that has just become ready.
func (b *box) stopWhenDrilled() {
	if b.drill.wedge == "boxd" {
		b.log.Warn("this is a drill: boxd is stopped")
		b.pids.signal("boxd", syscall.SIGSTOP)
	}
}
