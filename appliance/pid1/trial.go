package pid1

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/argss/argss/fleet/slot"
)

// trialPatience is how long a new version may take to be healthy. After
// that the box boots again, which uses up one of its tries.
const trialPatience = 5 * time.Minute

// trial blesses a new version once it is healthy, which is when boxd has answered
// for a while, and starts the box again if that does not come in time.
func (b *box) trial(ctx context.Context, reboot func()) {
	run, managed := slot.ParseRunning(b.cmdline)
	if !managed {
		return
	}
	boot := slot.Dir("/boot")
	if failed, err := slot.Failed(boot, run); err != nil || failed > 0 {
		b.log.Error("a newer version did not become healthy; this one runs on", "failed", failed, "error", err)
	} else {
		b.log.Info("this box was started from a slot", "slot", run.Slot, "serial", run.Serial)
	}
	trial, err := slot.OnTrial(boot, run)
	if err != nil {
		b.log.Error("cannot tell whether this version is on trial", "error", err)
	}
	if !trial {
		return
	}
	b.log.Info("this version is on trial", "slot", run.Slot, "serial", run.Serial)
	select {
	case <-ctx.Done():
	case <-b.healthy:
		if err := writable("/boot", func() error { return slot.Bless(boot, run) }); err != nil {
			b.log.Error("this version is healthy and could not be blessed", "error", err)
			return
		}
		b.log.Info("this version is healthy and blessed", "slot", run.Slot, "serial", run.Serial)
	case <-time.After(b.drill.patience):
		b.log.Error("this version did not become healthy in time: the box starts again")
		reboot()
	}
}

// writable has the boot partition writable only while something is done.
func writable(at string, do func() error) error {
	const flags = unix.MS_REMOUNT | unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_NOATIME
	if err := unix.Mount("", at, "", flags, "errors=continue"); err != nil {
		return fmt.Errorf("make the boot partition writable: %w", err)
	}
	defer unix.Mount("", at, "", flags|unix.MS_RDONLY, "errors=continue")
	return do()
}
