// Package labtest is a LAN of network namespaces for tests as root: a switch,
// and boxes joined to it by veth pairs, with cables to pull.
//
// It owns the namespaces. Each lives as long as a process of its own does,
// which the kernel kills with the test, so nothing is left behind even if the
// test dies; nothing inside can reach the machine's own network.
package labtest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Limit is how long a test waits for an event before it fails. It is generous:
// it ends a broken test, it measures nothing.
const Limit = 30 * time.Second

// Lab is one LAN.
type Lab struct {
	t      testing.TB
	bridge *Box
}

// Box is one machine on the LAN; its interface is eth0.
type Box struct {
	t    testing.TB
	lab  *Lab
	Name string
	pid  int
}

// New makes a LAN. It fails the test if it is not run by root.
func New(t testing.TB) *Lab {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("this test needs root: it makes network namespaces")
	}
	l := &Lab{t: t}
	l.bridge = l.room("switch")
	l.bridge.Run("ip", "link", "add", "br0", "type", "bridge", "stp_state", "0", "forward_delay", "0")
	l.bridge.Run("ip", "link", "set", "br0", "up")
	return l
}

// room makes a namespace.
func (l *Lab) room(name string) *Box {
	l.t.Helper()
	holder := exec.Command("sleep", "infinity")
	holder.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if err := startStable(holder); err != nil {
		l.t.Fatalf("make a namespace for %s: %v", name, err)
	}
	l.t.Cleanup(func() {
		holder.Process.Kill()
		holder.Wait()
	})
	b := &Box{t: l.t, lab: l, Name: name, pid: holder.Process.Pid}
	b.Run("sh", "-c", "ip link set lo up; cd /proc/sys/net/ipv6/conf; echo 0 >all/accept_dad; echo 0 >default/accept_dad; echo 0 >default/accept_ra")
	return b
}

// Box joins a machine to the LAN, with these addresses, for example
// 10.77.0.1/24.
func (l *Lab) Box(name string, addresses ...string) *Box {
	l.t.Helper()
	b := l.room(name)
	b.Run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", name, "netns", strconv.Itoa(l.bridge.pid))
	l.bridge.Run("ip", "link", "set", name, "master", "br0", "up")
	b.Run("ip", "link", "set", "eth0", "up")
	for _, a := range addresses {
		b.Run("ip", "address", "add", a, "dev", "eth0")
	}
	Wait(l.t, name+" to have its addresses", func() bool {
		return b.Run("ip", "address", "show", "dev", "eth0", "tentative") == "" &&
			strings.Contains(b.Run("ip", "link", "show", "dev", "eth0"), "state UP")
	})
	return b
}

// Command is a command in the box's network. Nothing of it survives the test.
func (b *Box) Command(name string, args ...string) *exec.Cmd {
	c := exec.Command("nsenter", append([]string{"-t", strconv.Itoa(b.pid), "-n", name}, args...)...)
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return c
}

// Run runs a command in the box's network and returns what it printed. The
// test fails if the command does.
func (b *Box) Run(name string, args ...string) string {
	b.t.Helper()
	out, err := b.Try(name, args...)
	if err != nil {
		b.t.Fatalf("%s: %v\n%s", b.Name, err, out)
	}
	return out
}

// Try is Run for commands that may fail.
func (b *Box) Try(name string, args ...string) (string, error) {
	var out bytes.Buffer
	c := b.Command(name, args...)
	c.Stdout, c.Stderr = &out, &out
	err := startStable(c)
	if err == nil {
		err = c.Wait()
	}
	if err != nil {
		err = fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return out.String(), err
}

// Has reports whether the box's kernel answers for an address.
func (b *Box) Has(address string) bool {
	b.t.Helper()
	return strings.Contains(b.Run("ip", "-o", "address", "show", "dev", "eth0"), " "+address+"/")
}

// Pull pulls the box's cable out of the switch; Plug puts it back.
func (b *Box) Pull() { b.t.Helper(); b.lab.bridge.Run("ip", "link", "set", b.Name, "down") }

// Plug puts the cable back.
func (b *Box) Plug() { b.t.Helper(); b.lab.bridge.Run("ip", "link", "set", b.Name, "up") }

// Deafen makes the switch lose everything for the box; the box is still heard.
// The queue it gets is too short for any packet.
func (b *Box) Deafen() {
	b.t.Helper()
	b.lab.bridge.lose(b.Name)
}

// lose makes everything get lost that would leave by an interface.
func (b *Box) lose(name string) {
	b.t.Helper()
	b.Run("tc", "qdisc", "replace", "dev", name, "root", "tbf", "rate", "1kbit", "burst", "10", "limit", "1")
}

// Undeafen ends Deafen.
func (b *Box) Undeafen() {
	b.t.Helper()
	b.lab.bridge.Run("tc", "qdisc", "del", "dev", b.Name, "root")
}

// Mute makes the switch lose everything from the box, which still hears. It
// puts a second switch before the box, with a cable that carries one way only.
func (b *Box) Mute() {
	b.t.Helper()
	near, far, second := "m-"+b.Name, "f-"+b.Name, "s-"+b.Name
	b.lab.bridge.Run("ip", "link", "add", second, "type", "bridge", "stp_state", "0", "forward_delay", "0")
	b.lab.bridge.Run("ip", "link", "set", second, "up")
	b.lab.bridge.Run("ip", "link", "add", near, "type", "veth", "peer", "name", far)
	b.lab.bridge.lose(near)
	b.lab.bridge.Run("ip", "link", "set", near, "master", second, "up")
	b.lab.bridge.Run("ip", "link", "set", far, "master", "br0", "up")
	b.lab.bridge.Run("ip", "link", "set", b.Name, "master", second) // last, so that nothing but the loss is noticed
}

// Unmute ends Mute. The second switch stays, and carries both ways.
func (b *Box) Unmute() {
	b.t.Helper()
	b.lab.bridge.Run("tc", "qdisc", "del", "dev", "m-"+b.Name, "root")
}

// Enter runs f in the box's network. Sockets that f opens stay there.
func (b *Box) Enter(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		ns, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", b.pid))
		if err == nil {
			err = unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET)
			ns.Close()
		}
		if err == nil {
			err = f()
		}
		done <- err
	}()
	return <-done
}

// Wait polls until a condition holds, and fails the test if it never does.
func Wait(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(Limit); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("waited %v in vain: %s", Limit, what)
}

// startStable starts a command from a thread that does not end before the test:
// the kernel's parent-death signal comes when the starting thread dies.
func startStable(c *exec.Cmd) error {
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
