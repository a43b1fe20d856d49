package machine

import (
	"fmt"
	"path/filepath"
	"strconv"
)

// Arch is what QEMU emulates.
type Arch string

// The architectures.
const (
	AMD64 Arch = "amd64"
	ARM64 Arch = "arm64"
)

// Config is what a computer is made of.
type Config struct {
	Name   string
	Arch   Arch
	Memory int // MiB; 0: 256, and 512 on ARM64
	CPUs   int // 0: 1

	Kernel  string // file; empty: UEFI starts what is on the disk
	Options string // of the kernel, if there is one

	MAC     string   // of the network card
	Network string   // unix socket of the switch; empty: no card
	Devices []string // more arguments for QEMU
	Dir     string   // for sockets and variables; short, since a socket's path has at most 107 bytes
}

// Files of Debian's packages ovmf and qemu-efi-aarch64.
const (
	ovmfCode = "/usr/share/OVMF/OVMF_CODE_4M.fd"
	ovmfVars = "/usr/share/OVMF/OVMF_VARS_4M.fd"
	aavmf    = "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd"
)

func (c Config) program() string {
	if c.Arch == ARM64 {
		return "qemu-system-aarch64"
	}
	return "qemu-system-x86_64"
}

func (c Config) socket(name string) string { return filepath.Join(c.Dir, c.Name+"."+name) }

// args are QEMU's arguments. The network card has no boot ROM, and the firmware
// forgets its variables with every start: nothing of the product needs them.
func (c Config) args() []string {
	memory, cpus := c.Memory, max(1, c.CPUs)
	if memory == 0 {
		memory = 256
		if c.Arch == ARM64 {
			memory = 512
		}
	}
	args := []string{
		"-nodefaults", "-display", "none", "-accel", "tcg,thread=multi", "-m", strconv.Itoa(memory), "-smp", strconv.Itoa(cpus),
		"-serial", "stdio", "-qmp", "unix:" + c.socket("qmp") + ",server=on,wait=off",
		"-blockdev", "driver=nbd,node-name=d0,discard=unmap,server.type=unix,server.path=" + c.socket("nbd"),
		"-device", "virtio-blk-pci,drive=d0,serial=" + c.Name,
		"-device", "i6300esb", "-action", "watchdog=reset",
	}
	args = append(args, c.board()...)
	if c.Kernel != "" {
		args = append(args, "-kernel", c.Kernel, "-append", c.Options)
	}
	if c.Network != "" {
		args = append(args,
			"-netdev", "stream,id=n0,server=off,addr.type=unix,addr.path="+c.Network,
			"-device", "virtio-net-pci,netdev=n0,id=nic0,romfile=,mac="+c.MAC)
	}
	return append(args, c.Devices...)
}

func (c Config) board() []string {
	if c.Arch == ARM64 {
		args := []string{"-M", "virt", "-cpu", "cortex-a53"}
		if c.Kernel == "" {
			args = append(args, "-bios", aavmf)
		}
		return args
	}
	args := []string{"-M", "q35"}
	if c.Kernel == "" {
		args = append(args,
			"-drive", "if=pflash,format=raw,readonly=on,file="+ovmfCode,
			"-drive", "if=pflash,format=raw,snapshot=on,file="+ovmfVars)
	}
	return args
}

func (c Config) check() error {
	switch {
	case c.Arch != AMD64 && c.Arch != ARM64:
		return fmt.Errorf("there is no architecture %q", c.Arch)
	case len(c.socket("qmp")) > 100:
		return fmt.Errorf("%s is too long for a socket", c.Dir)
	}
	return nil
}
