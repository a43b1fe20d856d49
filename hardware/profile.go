// Package hardware owns what is known of each board as data: how to recognise
// it, its bays, network interfaces, LEDs, buttons and watchdog.
//
// A board is recognised by what its firmware says of it under /sys and /proc,
// and one that is not known gets the generic profile, with which everything
// works that the kernel finds by itself. Profiles of boards that this product was
// never booted on are marked untested; the owner is told.
package hardware

import (
	"io/fs"
	"path"
	"strings"
)

// Profile is one board.
type Profile struct {
	Name     string
	Tested   bool // booted on this board, not only written from its papers
	Bays     []Bay
	NIC      string   // the port the twins talk over
	LED      string   // under /sys/class/leds; "" for none, then only the console speaks
	Watchdog Watchdog // none if its Identity is empty
	Buttons  []Button

	match match
}

// Bay is a place for a disk, as the owner sees it.
type Bay struct {
	Name string
	Path string // part of the disk's path under /sys/devices that tells the bay
}

// Watchdog is the board's timer that resets it.
type Watchdog struct {
	Identity    string // as /sys/class/watchdog/*/identity has it
	MostSeconds int    // the longest it can wait
}

// Button is a key that the kernel reports as an input event.
type Button struct {
	Name string
	Key  uint16 // KEY_*, linux/input-event-codes.h
}

const keyPower = 116

// match is what a board's firmware says: every one that is not empty must fit.
type match struct {
	vendor     string // DMI sys_vendor
	product    string // the beginning of DMI product_name, in any case
	compatible string // one of the device tree's compatible strings
}

// profiles are asked in this order; the first that matches is the board.
var profiles = []Profile{
	{
		Name: "QEMU q35", Tested: true, NIC: "eth0",
		match:    match{vendor: "QEMU", product: "Standard PC (Q35"},
		Bays:     []Bay{{"SATA 1", "0000:00:1f.2/ata1/"}, {"SATA 2", "0000:00:1f.2/ata2/"}, {"SATA 3", "0000:00:1f.2/ata3/"}, {"SATA 4", "0000:00:1f.2/ata4/"}, {"SATA 5", "0000:00:1f.2/ata5/"}, {"SATA 6", "0000:00:1f.2/ata6/"}},
		Watchdog: Watchdog{"i6300ESB timer", 2046},
		Buttons:  []Button{{"power", keyPower}},
	},
	{
		Name: "QEMU virt", Tested: true, NIC: "eth0",
		match:    match{vendor: "QEMU", product: "QEMU Virtual Machine"},
		Watchdog: Watchdog{"i6300ESB timer", 2046},
		Buttons:  []Button{{"power", keyPower}},
	},
	{
		Name: "QEMU virt", Tested: true, NIC: "eth0",
		match:    match{compatible: "linux,dummy-virt"},
		Watchdog: Watchdog{"i6300ESB timer", 2046},
		Buttons:  []Button{{"power", keyPower}},
	},
	{
		Name: "Raspberry Pi 5", NIC: "eth0", LED: "ACT",
		match:    match{compatible: "raspberrypi,5-model-b"},
		Bays:     []Bay{{"M.2", "/nvme/"}, {"SD card", "/mmc_host/mmc0/"}},
		Watchdog: Watchdog{"Broadcom BCM2835 Watchdog timer", 15},
		Buttons:  []Button{{"power", keyPower}},
	},
	{
		Name: "Raspberry Pi 4", NIC: "eth0", LED: "ACT",
		match:    match{compatible: "raspberrypi,4-model-b"},
		Bays:     []Bay{{"SD card", "/mmc_host/mmc0/"}, {"USB", "/usb"}},
		Watchdog: Watchdog{"Broadcom BCM2835 Watchdog timer", 15},
	},
	{ // its LEDs and button want leds-gpio, which the amd64 kernel lacks
		Name: "PC Engines APU2", NIC: "eth0",
		match:    match{vendor: "PC Engines", product: "apu2"},
		Bays:     []Bay{{"SATA", "/ata1/"}, {"mSATA", "/ata2/"}, {"SD card", "/mmc_host/"}},
		Watchdog: Watchdog{"SP5100 TCO timer", 0xFFFF},
	},
	{ // the same board with older firmware
		Name: "PC Engines APU2", NIC: "eth0",
		match:    match{vendor: "PC Engines", product: "PC Engines apu2"},
		Bays:     []Bay{{"SATA", "/ata1/"}, {"mSATA", "/ata2/"}, {"SD card", "/mmc_host/"}},
		Watchdog: Watchdog{"SP5100 TCO timer", 0xFFFF},
	},
}

// Generic is the profile of a board that is not known.
var Generic = Profile{Name: "generic", NIC: "eth0", Buttons: []Button{{"power", keyPower}}}

// Match returns the profile of the board whose /sys and /proc are under root.
// What cannot be read counts as not said.
func Match(root fs.FS) Profile {
	vendor := text(root, "sys/class/dmi/id/sys_vendor")
	product := text(root, "sys/class/dmi/id/product_name")
	compatible := strings.Split(text(root, "proc/device-tree/compatible"), "\x00")
	for _, p := range profiles {
		if p.match.fits(vendor, product, compatible) {
			return p
		}
	}
	return Generic
}

func (m match) fits(vendor, product string, compatible []string) bool {
	if m.compatible != "" {
		for _, c := range compatible {
			if c == m.compatible {
				return true
			}
		}
		return false
	}
	return strings.EqualFold(m.vendor, vendor) && strings.HasPrefix(strings.ToLower(product), strings.ToLower(m.product))
}

// Bay names the place of a disk by the path that /sys/block/NAME links to; ""
// if the profile does not tell.
func (p Profile) Bay(devicePath string) string {
	for _, b := range p.Bays {
		if strings.Contains(devicePath, b.Path) {
			return b.Name
		}
	}
	return ""
}

// WatchdogDevice is the device file of the board's watchdog: the one with the
// profile's identity, else the first there is, "" if there is none.
func (p Profile) WatchdogDevice(root fs.FS) string {
	const folder = "sys/class/watchdog"
	list, err := fs.ReadDir(root, folder)
	if err != nil || len(list) == 0 {
		return ""
	}
	for _, d := range list {
		if p.Watchdog.Identity != "" && text(root, path.Join(folder, d.Name(), "identity")) == p.Watchdog.Identity {
			return "/dev/" + d.Name()
		}
	}
	return "/dev/" + list[0].Name()
}

// text is a file of the firmware's or kernel's, without what ends it.
func text(root fs.FS, name string) string {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return ""
	}
	return strings.Trim(string(b), "\x00\n ")
}
