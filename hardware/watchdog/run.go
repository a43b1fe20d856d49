package watchdog

import (
	"context"
	"log/slog"
	"time"
)

// Run feeds a timer four times in its timeout while the deadman allows it, until
// ctx ends; it leaves the timer armed. Names of parts that got on arrive on
// progress. A timer that cannot be fed is logged and tried again: there is
// nobody else to ask.
func Run(ctx context.Context, t *Timer, d *Deadman, progress <-chan string, log *slog.Logger) {
	tick := time.NewTicker(t.Timeout() / 4)
	defer tick.Stop()
	told := ""
	for {
		select {
		case <-ctx.Done():
			return
		case name := <-progress:
			d.Progress(name, time.Now())
			continue
		case <-tick.C:
		}
		decision := d.Decide(time.Now())
		if decision.Feed {
			if err := t.Feed(); err != nil {
				log.Error("watchdog is not fed", "error", err)
			}
			told = ""
			continue
		}
		if who := decision.Silent[0]; who != told {
			told = who
			log.Error("watchdog is not fed, the box will reset", "reason", decision.Reason)
		}
	}
}
