package watchdog

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Timer is an armed watchdog. Whoever opened it must feed it.
type Timer struct {
	device  device
	timeout time.Duration
}

// device is what the kernel gives: a write feeds, a 'V' before closing disarms.
type device interface {
	io.WriteCloser
	SetTimeout(seconds int) (int, error)
}

// Open arms the watchdog at a path and asks for a timeout. The board may take
// another one; Timeout tells which.
func Open(path string, timeout time.Duration) (*Timer, error) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("open watchdog: %w", err)
	}
	return arm(file{f}, timeout)
}

func arm(d device, timeout time.Duration) (*Timer, error) {
	seconds, err := d.SetTimeout(max(1, int((timeout+time.Second-1)/time.Second)))
	if err == nil && seconds < 1 {
		err = fmt.Errorf("it takes %d s", seconds)
	}
	if err != nil {
		disarm(d) // opening has armed it, and its timeout is not known
		return nil, fmt.Errorf("set timeout of watchdog to %v: %w", timeout, err)
	}
	return &Timer{d, time.Duration(seconds) * time.Second}, nil
}

// Timeout is how long the board waits for Feed before it resets.
func (t *Timer) Timeout() time.Duration { return t.timeout }

// Feed puts the reset off by the timeout.
func (t *Timer) Feed() error {
	if _, err := t.device.Write([]byte{0}); err != nil {
		return fmt.Errorf("feed watchdog: %w", err)
	}
	return nil
}

// Disarm closes the watchdog without a reset to come. A box that goes down in
// order does not call it: a shutdown that hangs must end too.
func (t *Timer) Disarm() error {
	if err := disarm(t.device); err != nil {
		return fmt.Errorf("disarm watchdog: %w", err)
	}
	return nil
}

func disarm(d device) error {
	_, err := d.Write([]byte("V"))
	return errors.Join(err, d.Close())
}
