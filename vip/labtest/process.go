package labtest

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Process is a program running in a box. It is killed at the end of the test.
type Process struct {
	t     testing.TB
	Name  string
	cmd   *exec.Cmd
	ended chan struct{}

	mu  sync.Mutex
	log bytes.Buffer
}

// Start starts a program in the box's network.
func (b *Box) Start(name string, args ...string) *Process {
	b.t.Helper()
	p := &Process{t: b.t, Name: b.Name + ": " + name, cmd: b.Command(name, args...), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p, p
	if err := startStable(p.cmd); err != nil {
		b.t.Fatalf("%s: %v", p.Name, err)
	}
	go func() {
		p.cmd.Wait()
		close(p.ended)
	}()
	b.t.Cleanup(func() {
		p.Kill()
		if b.t.Failed() {
			b.t.Logf("%s said at last:\n%s", p.Name, p.last(30))
		}
	})
	return p
}

// Write collects what the program says.
func (p *Process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(b)
}

// Log is what the program has said so far.
func (p *Process) Log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// last is the end of the log.
func (p *Process) last(lines int) string {
	all := slices.Collect(strings.Lines(p.Log()))
	return strings.Join(all[max(0, len(all)-lines):], "")
}

// Expect waits until the program has said something.
func (p *Process) Expect(what string) {
	p.t.Helper()
	Wait(p.t, p.Name+" to say "+what, func() bool { return strings.Contains(p.Log(), what) })
}

// Pid is the program's process: nsenter becomes it.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Kill kills the program and waits until it is gone.
func (p *Process) Kill() {
	p.cmd.Process.Kill()
	<-p.ended
}

// Terminate asks the program to end, and waits until it has.
func (p *Process) Terminate() {
	p.cmd.Process.Signal(syscall.SIGTERM)
	<-p.ended
}
