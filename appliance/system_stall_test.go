//go:build system

package appliance_test

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/argss/argss/vip/labtest"
)

// child is the process that another one started.
func child(t *testing.T, parent int) int {
	t.Helper()
	out, err := exec.Command("pgrep", "-P", fmt.Sprint(parent)).Output()
	if err != nil {
		t.Fatalf("children of %d: %v", parent, err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatalf("process %d has these children: %q", parent, out)
	}
	return pid
}

func send(t *testing.T, pid int, signal syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, signal); err != nil {
		t.Fatalf("signal %v to %d: %v", signal, pid, err)
	}
}

// A vipd that lives and does nothing is ended by boxd, and its watcher cleans up.
func TestSystemStoppedVipdIsEndedAndStartedAgain(t *testing.T) {
	lab, twins := newTwins(t)
	client := lab.Box("client", "10.77.0.9/24")
	answers(t, client, twins[0])
	send(t, child(t, twins[0].running.Pid()), syscall.SIGSTOP)
	twins[1].holds(t, true)
	twins[0].holds(t, false)
	answers(t, client, twins[1])
	twins[0].running.Expect("vipd does not answer and is ended")
	labtest.Wait(t, "another vipd", func() bool { return strings.Count(twins[0].running.Log(), "vipd begins") > 1 })
}

// A box in which everything stops for a while serves as the second one after.
func TestSystemFrozenBoxIsReplacedAndReturns(t *testing.T) {
	lab, twins := newTwins(t)
	client := lab.Box("client", "10.77.0.9/24")
	answers(t, client, twins[0])
	twins[0].Freeze()
	twins[1].holds(t, true)
	answers(t, client, twins[1])
	twins[0].Thaw()
	twins[0].holds(t, false)
	answers(t, client, twins[1])
}

// Vipd and its watcher die together, and there is no program to start again: the
// box that stands beside them removes the address.
func TestSystemBoxRemovesTheAddressOfADeadVipdAndWatcher(t *testing.T) {
	lab, twins := newTwins(t)
	client := lab.Box("client", "10.77.0.9/24")
	answers(t, client, twins[0])
	vipd := child(t, twins[0].running.Pid())
	watcher := child(t, vipd)
	if err := os.Remove(twins[0].vipd); err != nil {
		t.Fatal(err)
	}
	send(t, vipd, syscall.SIGSTOP) // it starts no other watcher
	send(t, watcher, syscall.SIGKILL)
	send(t, vipd, syscall.SIGKILL)
	twins[1].holds(t, true)
	twins[0].holds(t, false)
	answers(t, client, twins[1])
}
