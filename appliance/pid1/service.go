package pid1

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// service is a program that is to run for as long as the box does.
type service struct {
	name  string
	args  []string
	env   []string
	later bool // once boxd answers: the first page comes first
}

// patientFor is how long a later program waits for boxd at most.
const patientFor = 2 * time.Minute

// grace is how long a program may take to end when it is told to.
const grace = 10 * time.Second

// keep runs the program, and runs it again when it ends, however it ends, after
// a pause that grows while it does not last, until ctx ends.
func (s service) keep(ctx context.Context, pids *family, log *slog.Logger) {
	var pause backoff
	for ctx.Err() == nil {
		begun := time.Now()
		err := s.run(ctx, pids)
		if ctx.Err() != nil {
			return
		}
		wait := pause.after(time.Since(begun))
		log.Warn("a program ended and is started again", "program", s.name, "error", err, "in", wait)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

func (s service) run(ctx context.Context, pids *family) error {
	cmd := exec.CommandContext(ctx, s.args[0], s.args[1:]...)
	cmd.Env = append([]string{"PATH=/argss", "HOME=/perm"}, s.env...)
	cmd.Dir = "/perm"                             // ntp keeps the last time where it stands
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr // the console
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = grace
	if err := pids.start(s.name, cmd); err != nil {
		return err
	}
	defer pids.forget(cmd.Process.Pid)
	return cmd.Wait()
}

// backoff is the pause before a program is started again.
type backoff struct{ last time.Duration }

const (
	shortest = 250 * time.Millisecond
	longest  = 15 * time.Second // well within the watchdog's deadline
	lasted   = time.Minute      // a program that ran this long is begun with afresh
)

// after returns the pause after a run of that length.
func (b *backoff) after(ran time.Duration) time.Duration {
	if ran >= lasted || b.last == 0 {
		b.last = shortest
	} else {
		b.last = min(2*b.last, longest)
	}
	return b.last
}

// family tells the programs that are waited for from orphans, which the first
// process inherits and must bury.
type family struct {
	mu   sync.Mutex
	pids map[int]string // and the program's name
}

func (f *family) start(name string, cmd *exec.Cmd) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := cmd.Start(); err != nil {
		return err
	}
	f.pids[cmd.Process.Pid] = name
	return nil
}

func (f *family) forget(pid int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.pids, pid)
}

// signal reaches a program if it runs.
func (f *family) signal(name string, s syscall.Signal) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for pid, program := range f.pids {
		if program == name {
			_ = syscall.Kill(pid, s) // it is ending
		}
	}
}
