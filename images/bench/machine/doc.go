// Package machine runs one virtual computer: QEMU, its disk, its cable, its
// serial line and its control socket.
//
// It owns the QEMU process and the disk server of one box. PullPower kills QEMU
// and cuts the disk's power; PowerOn starts it again on what the cut left. The
// serial line is kept with the times of its lines, so a test waits for what a
// box says and never sleeps. QEMU dies with this process.
//
// A box starts from a kernel file (quick), or from its disk by UEFI as real
// boxes do. There is no KVM on the bench: everything is emulated.
package machine
