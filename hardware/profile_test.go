package hardware

import (
	"testing"
	"testing/fstest"
)

// tree makes a file system of paths and contents.
func tree(files ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		m[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return m
}

const dmi, dt = "sys/class/dmi/id/", "proc/device-tree/"

// The trees are constructed from what the boards' firmware and the kernel's
// device trees say; none is a recording of a real board.
var boards = []struct {
	name string
	tree fstest.MapFS
	want string
}{
	{"q35", tree(dmi+"sys_vendor", "QEMU\n", dmi+"product_name", "Standard PC (Q35 + ICH9, 2009)\n"), "QEMU q35"},
	{"virt by UEFI", tree(dmi+"sys_vendor", "QEMU\n", dmi+"product_name", "QEMU Virtual Machine\n"), "QEMU virt"},
	{"virt by device tree", tree(dt+"compatible", "linux,dummy-virt\x00"), "QEMU virt"},
	{"Pi 4", tree(dt+"model", "Raspberry Pi 4 Model B Rev 1.4\x00", dt+"compatible", "raspberrypi,4-model-b\x00brcm,bcm2711\x00"), "Raspberry Pi 4"},
	{"Pi 5", tree(dt+"compatible", "raspberrypi,5-model-b\x00brcm,bcm2712\x00"), "Raspberry Pi 5"},
	{"APU2", tree(dmi+"sys_vendor", "PC Engines\n", dmi+"product_name", "apu2\n"), "PC Engines APU2"},
	{"APU2, old firmware", tree(dmi+"sys_vendor", "PC Engines\n", dmi+"product_name", "PC Engines apu2\n"), "PC Engines APU2"},
	{"a PC", tree(dmi+"sys_vendor", "Dell Inc.\n", dmi+"product_name", "OptiPlex 3050\n"), "generic"},
	{"another QEMU", tree(dmi+"sys_vendor", "QEMU\n", dmi+"product_name", "Standard PC (i440FX + PIIX, 1996)\n"), "generic"},
	{"Pi 3", tree(dt+"compatible", "raspberrypi,3-model-b\x00brcm,bcm2837\x00"), "generic"},
	{"nothing", tree(), "generic"},
}

func TestBoardIsRecognisedByWhatItsFirmwareSays(t *testing.T) {
	for _, c := range boards {
		if got := Match(c.tree); got.Name != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got.Name, c.want)
		}
	}
}

func TestBoardsNeverBootedAreCalledUntested(t *testing.T) {
	for _, p := range append(profiles, Generic) {
		if booted := p.Name == "QEMU q35" || p.Name == "QEMU virt"; p.Tested != booted {
			t.Errorf("%s: tested %v", p.Name, p.Tested)
		}
	}
}

func TestDiskIsNamedByItsBay(t *testing.T) {
	q35 := Match(boards[0].tree)
	for path, want := range map[string]string{
		"../devices/pci0000:00/0000:00:1f.2/ata2/host1/target1:0:0/1:0:0:0/block/sdb": "SATA 2",
		"../devices/pci0000:00/0000:00:03.0/virtio0/block/vda":                        "",
	} {
		if got := q35.Bay(path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestWatchdogIsTheBoardsOwn(t *testing.T) {
	q35 := Match(boards[0].tree)
	both := tree("sys/class/watchdog/watchdog0/identity", "Software Watchdog\n", "sys/class/watchdog/watchdog1/identity", "i6300ESB timer\n")
	if got := q35.WatchdogDevice(both); got != "/dev/watchdog1" {
		t.Errorf("got %q", got)
	}
	if got := Generic.WatchdogDevice(both); got != "/dev/watchdog0" {
		t.Errorf("generic: got %q", got)
	}
	if got := Generic.WatchdogDevice(tree()); got != "" {
		t.Errorf("without one: got %q", got)
	}
}
