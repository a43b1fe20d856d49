package images

import (
	"fmt"
	"slices"
	"strings"
)

// Choice is how a board's firmware chooses between slots.
type Choice string

// The two ways.
const (
	BootCounting Choice = "boot counting" // UEFI, systemd-boot
	Tryboot      Choice = "tryboot"       // Raspberry Pi firmware, autoboot.txt
)

// Board is a kind of machine that one image is made for.
type Board struct {
	Name     string // of the image: argss-NAME.img
	Title    string
	Arch     string // GOARCH
	Choice   Choice
	Kernel   string   // module with the kernel
	Firmware []string // modules with what else the board needs before its kernel
	Consoles []string // kernel names, the one with PID 1's output last
	Untested string   // what was never booted here; empty if booted in tests
}

var boards = []Board{
	{
		Name: "amd64", Title: "x86-64 with UEFI", Arch: "amd64", Choice: BootCounting,
		Kernel:   "github.com/gokrazy/kernel.amd64",
		Consoles: []string{"tty0", "ttyS0,115200"},
	},
	{
		Name: "arm64", Title: "ARM64 with UEFI", Arch: "arm64", Choice: BootCounting,
		Kernel:   "github.com/gokrazy/kernel.arm64",
		Consoles: []string{"tty0", "ttyAMA0,115200"},
	},
	{
		Name: "rpi", Title: "Raspberry Pi 4 and 5", Arch: "arm64", Choice: Tryboot,
		Kernel:   "github.com/gokrazy/kernel.rpi",
		Firmware: []string{"github.com/gokrazy/firmware"},
		Consoles: []string{"tty1"},
		Untested: "built and checked as files; never booted on a Raspberry Pi",
	},
}

// Boards returns all boards images are made for.
func Boards() []Board { return slices.Clone(boards) }

// FindBoard returns the board of a name.
func FindBoard(name string) (Board, error) {
	var names []string
	for _, b := range boards {
		if b.Name == name {
			return b, nil
		}
		names = append(names, b.Name)
	}
	return Board{}, fmt.Errorf("find board %q: there are %s", name, strings.Join(names, ", "))
}
