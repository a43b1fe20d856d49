package daemon

import (
	"fmt"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	priority = 50 // above ordinary real-time work, below the kernel's watchdogs
	lifeEnv  = "VIPD_LIFE"
	realtime = "real-time" // the value in the second life
)

// refusal is why this process is not real-time.
var refusal error

// BecomeRealtime must be called from an init function of the main package,
// where the main thread still runs the main goroutine. It makes the thread
// real-time and executes the program again, which then finds itself so. If that
// is refused the program goes on as it is; Main tells why.
func BecomeRealtime() {
	if os.Getenv(lifeEnv) == realtime {
		os.Unsetenv(lifeEnv) // not for our children
		if os.Getenv(roleEnv) != watcherRole {
			refusal = lockMemory()
		}
		return
	}
	if refusal = schedule(); refusal != nil {
		return
	}
	self, err := os.Executable()
	if err == nil {
		err = syscall.Exec(self, os.Args, append(os.Environ(), lifeEnv+"="+realtime))
	}
	refusal = fmt.Errorf("start again: %w", err)
}

// mostAtATime is how long, in microseconds, a thread may run without waiting
// for anything. Ours run for microseconds. One that never waits would take a
// processor from the whole box, so the kernel kills it, and the watcher cleans
// up.
const mostAtATime = 1_000_000

// schedule makes the calling thread, and what it executes, real-time.
func schedule() error {
	limit := unix.Rlimit{Cur: mostAtATime, Max: mostAtATime}
	err := unix.Setrlimit(unix.RLIMIT_RTTIME, &limit)
	if err != nil {
		return fmt.Errorf("limit real-time scheduling: %w", err)
	}
	err = unix.SchedSetAttr(0, &unix.SchedAttr{
		Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: priority,
	}, 0)
	if err != nil {
		return fmt.Errorf("real-time scheduling: %w", err)
	}
	return nil
}

// lockMemory keeps the program in memory: while it waits for a page from a busy
// disk it advertises nothing. The program itself is brought in whole; of the
// memory it asks for, only what it uses is kept, since the Go runtime asks for
// 64 MB and uses two. That is locked only where there is no limit, or the
// runtime would fail when it grows past it.
func lockMemory() error {
	unlimited := unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
	if err := unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unlimited); err != nil && !mayLock() {
		return fmt.Errorf("lift the limit of locked memory: %w", err)
	}
	if err := unix.Mlockall(unix.MCL_CURRENT | unix.MCL_FUTURE | unix.MCL_ONFAULT); err != nil {
		return fmt.Errorf("lock memory: %w", err)
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return fmt.Errorf("find the program in memory: %w", err)
	}
	for _, m := range filesIn(string(maps)) {
		if _, _, err := unix.Syscall(unix.SYS_MLOCK, m.start, m.end-m.start, 0); err != 0 {
			return fmt.Errorf("lock the program: %w", err)
		}
	}
	return nil
}

// mapping is a part of the address space.
type mapping struct{ start, end uintptr }

// filesIn lists the parts of /proc/self/maps that come from files.
func filesIn(maps string) (out []mapping) {
	for line := range strings.Lines(maps) {
		var m mapping
		fields := strings.Fields(line)
		if len(fields) < 6 || !strings.HasPrefix(fields[5], "/") {
			continue
		}
		if _, err := fmt.Sscanf(fields[0], "%x-%x", &m.start, &m.end); err == nil {
			out = append(out, m)
		}
	}
	return out
}

// mayLock reports whether the limit does not count for this process.
func mayLock() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	return unix.Capget(&header, &data[0]) == nil && data[0].Effective&(1<<unix.CAP_IPC_LOCK) != 0
}

// isRealtime reports whether the process became what it should.
func isRealtime() bool { return refusal == nil }
