//go:build system

package daemon_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/argss/argss/vip/control"
	"github.com/argss/argss/vip/labtest"
)

// children lists the processes that a process started.
func children(t *testing.T, pid int) (out []int) {
	t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range strings.Fields(string(b)) {
			child, err := strconv.Atoi(f)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, child)
		}
	}
	return out
}

func (b *box) watcher() int {
	b.t.Helper()
	list := children(b.t, b.vipd.Pid())
	if len(list) != 1 {
		b.t.Fatalf("vipd has children %v, want one watcher", list)
	}
	return list[0]
}

func TestSystemKilledVipdLeavesNoAddressBehind(t *testing.T) {
	_, one, two := twins(t)
	one.vipd.Kill()
	one.holds(false)
	two.holds(true)
	one.begin(one.peers(2)...)
	one.is("backup")
	if single(t, one, two) != two {
		t.Error("the returned box took the address back")
	}
}

func TestSystemStaleAddressIsDroppedBeforeAnythingIsHeard(t *testing.T) {
	_, one, two := twins(t)
	watcher := one.watcher()
	for _, kill := range []struct {
		pid    int
		signal syscall.Signal
	}{{one.vipd.Pid(), syscall.SIGSTOP}, {watcher, syscall.SIGKILL}} { // stopped, it starts no other
		if err := syscall.Kill(kill.pid, kill.signal); err != nil {
			t.Fatal(err)
		}
	}
	labtest.Wait(t, "the watcher to be gone", func() bool { return !alive(watcher) })
	one.vipd.Kill()
	two.holds(true)
	if !one.Has(shared) {
		t.Fatal("the address went with the two; there is nothing to test")
	}
	one.begin(one.peers(2)...)
	if one.Has(shared) {
		t.Error("the stale address is still there when vipd listens")
	}
	if single(t, one, two) != two {
		t.Error("the returned box took the address back")
	}
}

func alive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(b), ") Z ")
}

func TestSystemDeadWatcherIsReplaced(t *testing.T) {
	_, one, two := twins(t)
	old := one.watcher()
	if err := syscall.Kill(old, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	labtest.Wait(t, "another watcher", func() bool {
		list := children(t, one.vipd.Pid())
		return len(list) == 1 && list[0] != old
	})
	labtest.Wait(t, "the other watcher to watch", func() bool {
		return strings.Contains(one.Run("cat", "/proc/net/unix"), "@vipd/eth0/7")
	})
	one.vipd.Kill()
	one.holds(false)
	two.holds(true)
}

func TestSystemSecondVipdOfTheGroupEnds(t *testing.T) {
	_, one, _ := twins(t)
	out, err := one.Try(program, one.arguments()...)
	if err == nil || !strings.Contains(out, "another vipd serves this group") {
		t.Errorf("a second vipd ended with %v and said %q", err, out)
	}
	if !one.Has(shared) {
		t.Error("the second vipd took the address from the first")
	}
}

// The program that serves is killed: its connection closes.
func TestSystemDeadServerMovesTheAddress(t *testing.T) {
	lab := labtest.New(t)
	one, two := newBox(t, lab, 1), newBox(t, lab, 2)
	one.begin(append(one.peers(2), "-control", one.socket)...)
	voice := one.voice()
	say := func(c *control.Client) {
		t.Helper()
		if err := c.Demote(0); err != nil {
			t.Fatal(err)
		}
	}
	say(voice)
	one.holds(true)
	two.begin(two.peers(2)...)
	two.is("backup")
	say(voice)
	voice.Close()
	two.holds(true)
	one.holds(false)
	two.vipd.Expect("10.77.0.1 is demoted by 200")
}

func TestSystemAllThreadsAreRealtime(t *testing.T) {
	_, one, _ := twins(t)
	threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", one.vipd.Pid()))
	if err != nil || len(threads) == 0 {
		t.Fatalf("threads %v: %v", threads, err)
	}
	for _, thread := range threads {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/stat", one.vipd.Pid(), thread.Name()))
		if err != nil {
			t.Fatal(err)
		}
		const policy, fifo = 40, "1"
		_, rest, _ := strings.Cut(string(b), ") ") // from the third field on
		if got := strings.Fields(rest)[policy-2]; got != fifo {
			t.Errorf("thread %s has scheduling policy %s, want %s", thread.Name(), got, fifo)
		}
	}
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", one.vipd.Pid()))
	if err != nil || !regexp.MustCompile(`Max realtime timeout +1000000 +1000000`).Match(limits) {
		t.Errorf("a thread that never waits is not ended after a second (%v):\n%s", err, limits)
	}
	if strings.Contains(one.vipd.Log(), "not real-time") {
		t.Error("vipd says that it is not real-time")
	}
}
