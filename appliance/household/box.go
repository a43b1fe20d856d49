package household

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Box is a box as it stands at one moment.
type Box struct {
	Name string
	City string
	URL  string
	PID  int // 0: unplugged
}

// plug is one box and its process, which is there or not.
type plug struct {
	station
	url     string
	boxd    string
	folder  *folder
	spawner *spawner
	died    func(*plug, error) // told when a process ends that was not told to

	mu      sync.Mutex
	running *process // nil: unplugged
}

type process struct {
	cmd      *exec.Cmd
	done     chan struct{} // closed when it has ended and err is set
	err      error
	expected bool // it was told to stop; guarded by the plug's mu
	answered bool // it was ready once; guarded by the plug's mu
}

func (p *plug) box() Box {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := Box{Name: p.name, City: p.city, URL: p.url}
	if p.running != nil {
		b.PID = p.running.cmd.Process.Pid
	}
	return b
}

// start starts the process and returns when the box answers. If it does not,
// the error says why and nothing is left running.
func (p *plug) start(ctx context.Context, ask *asker) error {
	proc, err := p.spawn()
	if err != nil || proc == nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	go func() {
		select {
		case <-proc.done:
			cancel()
		case <-ctx.Done():
		}
	}()
	err = ask.untilReady(ctx, p.url, p.name)
	if err == nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		proc.answered = true
		return nil
	}
	select {
	case <-proc.done:
		err = fmt.Errorf("it ended (%v)", proc.err)
	default:
		p.end(proc, syscall.SIGKILL)
	}
	return fmt.Errorf("start box %s: %w; its log ends in: %s", p.name, err, p.folder.lastWords(p.name))
}

// startTime is how long a box may take to answer. It reads its whole log if
// its index is gone.
const startTime = 2 * time.Minute

// spawn returns nil if the box runs already.
func (p *plug) spawn() (*process, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running != nil {
		return nil, nil
	}
	log, err := p.folder.openLog(p.name)
	if err != nil {
		return nil, err
	}
	defer log.Close() // the process has its own
	cmd := exec.Command(p.boxd, "-settings", p.folder.settingsFile(p.name))
	cmd.Stdout, cmd.Stderr = log, log
	if err := p.spawner.start(cmd); err != nil {
		return nil, fmt.Errorf("start box %s: %w", p.name, err)
	}
	proc := &process{cmd: cmd, done: make(chan struct{})}
	p.running = proc
	go p.watch(proc)
	return proc, nil
}

func (p *plug) watch(proc *process) {
	proc.err = proc.cmd.Wait()
	p.mu.Lock()
	p.running = nil
	// Who waits for the start hears of an end before the first answer.
	told := proc.expected || !proc.answered && !unplugged(proc.err)
	p.mu.Unlock()
	if !told {
		p.died(p, proc.err)
	}
	close(proc.done)
}

// kill pulls the plug: the process ends here and now. It tells whether one ran.
func (p *plug) kill() bool {
	p.mu.Lock()
	proc := p.running
	p.mu.Unlock()
	if proc == nil {
		return false
	}
	_ = proc.cmd.Process.Kill() // an error says that it has ended
	<-proc.done
	return true
}

// stop ends the process in order, within the time ctx gives it.
func (p *plug) stop(ctx context.Context) {
	p.mu.Lock()
	proc := p.running
	p.mu.Unlock()
	if proc == nil {
		return
	}
	p.end(proc, syscall.SIGTERM)
	select {
	case <-proc.done:
	case <-ctx.Done():
		p.end(proc, syscall.SIGKILL)
		<-proc.done
	}
}

// end sends a signal that is to end the process, so that nobody is told.
func (p *plug) end(proc *process, s syscall.Signal) {
	p.mu.Lock()
	proc.expected = true
	p.mu.Unlock()
	_ = proc.cmd.Process.Signal(s) // an error says that it has ended
}

// unplugged tells whether a process was killed, rather than ended by itself.
func unplugged(err error) bool {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled()
}

// tail returns the last lines of a text, for an error message.
func tail(s string) string {
	const most = 3
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-most):], " | ")
}
