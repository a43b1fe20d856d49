//go:build system

package daemon_test

import (
	"syscall"
	"testing"
)

// A holder that stops in the middle keeps the address in its kernel. The other
// takes over and is believed, and the one that wakes up steps back.
func TestSystemStalledHolderIsReplacedAndStepsBackWhenItWakes(t *testing.T) {
	for name, stall := range map[string]struct{ stop, wake func(b *box) }{
		"vipd": {
			func(b *box) { syscall.Kill(b.vipd.Pid(), syscall.SIGSTOP) },
			func(b *box) { syscall.Kill(b.vipd.Pid(), syscall.SIGCONT) },
		},
		"whole box": {func(b *box) { b.Freeze() }, func(b *box) { b.Thaw() }},
	} {
		t.Run(name, func(t *testing.T) {
			lab, one, two := twins(t)
			client := lab.Box("client", "10.77.0.9/24")
			reaches(t, client, shared, one)
			stall.stop(one)
			two.holds(true)
			reaches(t, client, shared, two)
			if !one.Has(shared) {
				t.Fatal("the stalled box lost the address by itself; there is nothing to test")
			}
			stall.wake(one)
			one.holds(false)
			if single(t, one, two) != two {
				t.Error("the address moved a second time")
			}
			reaches(t, client, shared, two)
			one.vipd.Expect("took over while this box stalled")
		})
	}
}

// A box that hears and is not heard keeps the address, and so does the one that
// must take it for dead: clients follow the one that they can hear.
func TestSystemMuteHolderIsReplacedForItsClients(t *testing.T) {
	lab, one, two := twins(t)
	client := lab.Box("client", "10.77.0.9/24")
	reaches(t, client, shared, one)
	one.Mute()
	two.holds(true)
	reaches(t, client, shared, two)
	one.Unmute()
	holder := single(t, one, two)
	reaches(t, client, shared, holder)
}
