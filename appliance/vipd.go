package appliance

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// keepVipd starts vipd and starts it again when it ends, until the box stops.
// It dies with this process, however that ends: killing a box's pid kills the
// box.
func (b *Box) keepVipd(services *stack) error {
	args, err := Vipd(b.settings)
	if err != nil {
		return err
	}
	services.start("vipd", func(ctx context.Context) error {
		// The kernel takes the thread that started a process for its parent.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for ctx.Err() == nil {
			if err := b.oneVipd(ctx, args); err != nil && ctx.Err() == nil {
				b.log.Warn("vipd ended; starting it again", "err", err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
		return nil
	})
	return nil
}

// oneVipd is one life of vipd. It is told to end in order.
func (b *Box) oneVipd(ctx context.Context, args []string) error {
	cmd := exec.CommandContext(ctx, b.settings.Shared.LAN.Vipd, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = grace
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	// Its progress is not ours.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, notifyEnv+"=") })
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run vipd: %w", err)
	}
	return nil
}
