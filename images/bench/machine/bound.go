package machine

import (
	"os/exec"
	"runtime"
	"syscall"
)

// startBound starts a command that the kernel kills with this process. Its
// signal comes when the starting thread ends, so one thread starts all and never
// does.
func startBound(c *exec.Cmd) error {
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	err := make(chan error, 1)
	starts <- func() { err <- c.Start() }
	return <-err
}

var starts = func() chan<- func() {
	c := make(chan func())
	go func() {
		runtime.LockOSThread()
		for start := range c {
			start()
		}
	}()
	return c
}()
