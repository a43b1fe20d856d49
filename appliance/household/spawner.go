package household

import (
	"os/exec"
	"runtime"
	"syscall"
)

// spawner starts processes that die with this one. The kernel sends their
// parent-death signal when the thread that started them ends, and Go ends
// threads as it likes, so one goroutine keeps a thread for this and nothing
// else.
type spawner struct {
	jobs chan job
}

type job struct {
	cmd     *exec.Cmd
	started chan<- error
}

func newSpawner() *spawner {
	s := &spawner{jobs: make(chan job)}
	go s.work()
	return s
}

func (s *spawner) work() {
	runtime.LockOSThread() // and never unlocked: the thread ends with us
	for j := range s.jobs {
		j.started <- j.cmd.Start()
	}
}

// start starts cmd in a process group of its own, so that the terminal's
// Ctrl-C reaches the household alone, which stops its boxes in order.
func (s *spawner) start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	started := make(chan error, 1)
	s.jobs <- job{cmd, started}
	return <-started
}

// close ends the thread, and with it whatever it started and still runs.
func (s *spawner) close() { close(s.jobs) }
