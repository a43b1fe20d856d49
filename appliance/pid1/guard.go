package pid1

import (
	"context"
	"log/slog"
	"time"

	"github.com/argss/argss/hardware/watchdog"
)

// What the watchdog waits for. Vipd is not in it: boxd watches over it, and a
// boxd without it is no reason for a reset.
var guarded = []watchdog.Part{
	// Reading a large log from a slow disk may take minutes.
	{Name: "boxd", Every: 30 * time.Second, Start: 10 * time.Minute},
}

const (
	hardwareTimeout = time.Minute
	lookEvery       = 5 * time.Second
	// A program that was started again and falls silent within this time is not
	// to be helped that way. It is longer than any Start.
	helped = 15 * time.Minute
	// steady is how many signs in a row, one each half second, make a healthy
	// boxd.
	steady = 20
)

// guard decides by the deadman's rule: who is silent is started again once; if
// that does not help, the watchdog is not fed.
type guard struct {
	rule      *watchdog.Deadman
	restarted time.Time
}

func newGuard(now time.Time) *guard { return &guard{rule: watchdog.New(guarded, now)} }

// decide tells whether to feed, and whom to start again.
func (g *guard) decide(now time.Time) (feed bool, restart, reason string) {
	d := g.rule.Decide(now)
	if d.Feed {
		return true, "", ""
	}
	if !g.restarted.IsZero() && now.Sub(g.restarted) < helped {
		return false, "", d.Reason
	}
	g.restarted, g.rule = now, watchdog.New(guarded, now)
	return true, d.Silent[0], d.Reason
}

// watcher hears the programs and feeds the hardware.
type watcher struct {
	guard   *guard
	timer   *watchdog.Timer // nil: this board has none
	log     *slog.Logger
	ready   func() // boxd answers
	healthy func() // boxd has answered for a while
	restart func(program string)

	signs int // of boxd since it last began
}

// run feeds the watchdog until ctx ends. The timer stays armed then: a box that
// hangs while it stops is reset too.
func (w *watcher) run(ctx context.Context, signs <-chan sign) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-signs:
			w.hear(s)
		case <-tick.C:
			w.look(time.Now())
		}
	}
}

func (w *watcher) hear(s sign) {
	w.guard.rule.Progress(s.program, time.Now())
	if s.program != "boxd" {
		return
	}
	if w.signs++; s.ready {
		w.signs = 0
		w.ready()
	}
	if w.signs == steady {
		w.healthy()
	}
}

func (w *watcher) look(now time.Time) {
	feed, restart, reason := w.guard.decide(now)
	if restart != "" {
		w.log.Error("a program gives no sign of life and is started again", "program", restart, "reason", reason)
		w.restart(restart)
	}
	if !feed {
		w.log.Error("starting it again did not help: the watchdog is not fed and will reset the box", "reason", reason)
		return
	}
	if w.timer == nil {
		return
	}
	if err := w.timer.Feed(); err != nil {
		w.log.Error("the watchdog cannot be fed", "error", err)
	}
}
