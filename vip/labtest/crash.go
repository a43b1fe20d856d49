package labtest

import (
	"fmt"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// Crash kills every process of the box at once; its kernel lives on, with all
// addresses it had.
func (b *Box) Crash() { b.t.Helper(); b.signal(syscall.SIGKILL) }

// Freeze stops every process of the box, as a machine does that waits for a
// disk; its kernel lives on. Thaw lets them go on.
func (b *Box) Freeze() { b.t.Helper(); b.signal(syscall.SIGSTOP) }

// Thaw ends Freeze.
func (b *Box) Thaw() { b.t.Helper(); b.signal(syscall.SIGCONT) }

// signal reaches all processes of the box.
func (b *Box) signal(signal syscall.Signal) {
	b.t.Helper()
	home, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", b.pid))
	if err != nil {
		b.t.Fatal(err)
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		b.t.Fatal(err)
	}
	var victims []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == b.pid {
			continue
		}
		// Other processes come and go meanwhile.
		if ns, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/net", pid)); err == nil && ns == home {
			victims = append(victims, pid)
		}
	}
	for _, pid := range victims {
		syscall.Kill(pid, signal)
	}
}

// Hurry makes everything that is started from now on in any lab real-time, so
// that a busy machine does not blur what is measured. Programs that ask for
// more have more.
func Hurry(priority int) error { return schedule(unix.SCHED_RR, uint32(priority)) }

// Relax ends Hurry.
func Relax() error { return schedule(unix.SCHED_NORMAL, 0) }

func schedule(policy, priority uint32) error {
	done := make(chan error)
	starts <- func() {
		done <- unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: policy, Priority: priority}, 0)
	}
	return <-done
}
