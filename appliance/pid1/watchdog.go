package pid1

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const (
	hardwareTimeout = 60 // seconds, asked for; the device may have its own
	signDeadline    = 90 * time.Second
	feedEvery       = 5 * time.Second
)

// watchdog is the device. Having it open keeps everybody else out, and closing
// it without the magic letter does not disarm it.
type watchdog struct{ dev *os.File }

func openWatchdog(path string) (*watchdog, error) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("open watchdog: %w", err)
	}
	// A device with a fixed timeout refuses; its own will do.
	_ = unix.IoctlSetPointerInt(int(f.Fd()), unix.WDIOC_SETTIMEOUT, hardwareTimeout)
	return &watchdog{f}, nil
}

func (w *watchdog) feed() error {
	_, err := w.dev.Write([]byte{0})
	return err
}

// watch feeds the watchdog by the deadman rule, and tells of signs that a
// program is ready, until ctx ends.
func watch(ctx context.Context, w *watchdog, rule *deadman, signs <-chan sign, ready func(string), log *slog.Logger) {
	tick := time.NewTicker(feedEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-signs:
			rule.alive(s.program, time.Now())
			if s.ready {
				ready(s.program)
			}
			continue
		case <-tick.C:
		}
		if program := rule.silent(time.Now()); program != "" {
			log.Error("a program gives no sign of life: the watchdog is not fed and will reset the box", "program", program)
			continue
		}
		if w != nil {
			if err := w.feed(); err != nil {
				log.Error("the watchdog cannot be fed", "error", err)
			}
		}
	}
}
