package daemon

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/argss/argss/vip/lan"
)

const (
	roleEnv     = "VIPD_ROLE"
	watcherRole = "watcher"
	ready       = "ready"
	// handOver is how long a new watcher waits for the last one to finish.
	handOver = 3 * time.Second
	restart  = time.Second
)

// watch is the life of the watcher: it waits until the program that started it
// is gone, and then removes the shared address. An abstract socket's name is
// the lock that keeps a second program of the same group away until then; the
// kernel frees it with the process, whatever happens.
func watch(s Settings, alive io.Reader, out io.Writer) error {
	lock, err := claimName(s.name())
	if err != nil {
		return err
	}
	defer lock.Close()
	if _, err := fmt.Fprintln(out, ready); err != nil {
		return err
	}
	io.Copy(io.Discard, alive) // however it ends
	return lan.Remove(s.LAN.Interface, s.LAN.Shared)
}

// Clean removes the shared address if no program of the group runs on the
// interface: neither the one that holds it nor its watcher, which would do it
// itself. For whoever stands beside vipd and sees it die.
func Clean(network string, vhid uint8, shared []netip.Prefix) error {
	lock, err := net.Listen("unix", lockName(network, vhid))
	if err != nil {
		return nil // somebody is there
	}
	defer lock.Close()
	return lan.Remove(network, shared)
}

func claimName(name string) (net.Listener, error) {
	for end := time.Now().Add(handOver); ; time.Sleep(10 * time.Millisecond) {
		lock, err := net.Listen("unix", name)
		if err == nil {
			return lock, nil
		}
		if !errors.Is(err, syscall.EADDRINUSE) || time.Now().After(end) {
			return nil, fmt.Errorf("another vipd serves this group on this interface: %w", err)
		}
	}
}

// watcher is the second process as the first one sees it.
type watcher struct {
	args []string
	log  *slog.Logger
	cmd  *exec.Cmd
	pipe io.Closer // closed by us or by our death
}

// startWatcher returns when the watcher has the lock.
func startWatcher(args []string, log *slog.Logger) (*watcher, error) {
	w := &watcher{args: args, log: log}
	if err := w.start(); err != nil {
		return nil, fmt.Errorf("start the watcher: %w", err)
	}
	return w, nil
}

func (w *watcher) start() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	w.cmd = exec.Command(self, w.args...)
	w.cmd.Env = append(os.Environ(), roleEnv+"="+watcherRole)
	w.cmd.Stderr = os.Stderr
	// A session of its own: what is sent to a terminal's or supervisor's whole
	// group must not kill both.
	w.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	pipe, err := w.cmd.StdinPipe()
	if err != nil {
		return err
	}
	w.pipe = pipe
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := w.cmd.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if strings.TrimSpace(line) != ready {
		pipe.Close()
		return errors.Join(err, w.cmd.Wait())
	}
	return nil
}

// keep replaces the watcher when it dies, and ends it with the context.
func (w *watcher) keep(ctx context.Context) {
	for {
		ended := make(chan error, 1)
		go func() { ended <- w.cmd.Wait() }()
		select {
		case <-ctx.Done():
			w.pipe.Close()
			<-ended
			return
		case err := <-ended:
			w.log.Warn("the watcher is gone; starting another", "err", err)
		}
		w.pipe.Close()
		for err := w.start(); err != nil; err = w.start() {
			w.log.Warn("start the watcher", "err", err)
			select {
			case <-time.After(restart):
			case <-ctx.Done():
				return
			}
		}
	}
}
