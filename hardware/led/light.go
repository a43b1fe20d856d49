package led

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Light is a lamp that can be switched.
type Light interface {
	Switch(on bool) error
}

// sysfs is a lamp of the kernel's, a folder under /sys/class/leds.
type sysfs string

// Open takes a lamp of the kernel's from whatever drove it before.
func Open(folder string) (Light, error) {
	if err := os.WriteFile(filepath.Join(folder, "trigger"), []byte("none"), 0); err != nil {
		return nil, fmt.Errorf("take over light: %w", err)
	}
	return sysfs(folder), nil
}

// Switch writes 1, which is full light for lamps that know no more than on and
// off, and can be seen on the others.
func (s sysfs) Switch(on bool) error {
	value := "0"
	if on {
		value = "1"
	}
	if err := os.WriteFile(filepath.Join(string(s), "brightness"), []byte(value), 0); err != nil {
		return fmt.Errorf("switch light: %w", err)
	}
	return nil
}

// Run shows the latest of the states until ctx ends, beginning with Starting. A
// lamp that cannot be switched is tried again with the next blink.
func Run(ctx context.Context, l Light, states <-chan State) {
	state, began := Starting, time.Now()
	for {
		on, left := state.At(time.Since(began))
		_ = l.Switch(on) // there is nobody to tell but by this lamp
		var next <-chan time.Time
		if left > 0 {
			next = time.After(left)
		}
		select {
		case <-ctx.Done():
			return
		case s := <-states:
			if s != state {
				state, began = s, time.Now()
			}
		case <-next:
		}
	}
}
