package probe

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/argss/argss/disks"
)

// System is the kernel's view of the disks. Fields that are nil are not looked
// at.
type System struct {
	Sys  fs.FS // /sys
	Proc fs.FS // /proc
	Open func(name string) (Device, error)
}

// List returns the disks of a machine, by name: whole disks, not what is
// stacked upon them.
func List(sys fs.FS) ([]disks.Disk, error) {
	entries, err := fs.ReadDir(sys, "block")
	if err != nil {
		return nil, fmt.Errorf("list disks: %w", err)
	}
	var list []disks.Disk
	for _, e := range entries {
		if d, ok := describe(sys, e.Name()); ok {
			list = append(list, d)
		}
	}
	return list, nil
}

// List returns the disks of the machine.
func (s System) List() ([]disks.Disk, error) { return List(s.Sys) }

func describe(sys fs.FS, name string) (disks.Disk, bool) {
	d := disks.Disk{Name: name}
	dir := "block/" + name
	link, _ := fs.ReadLink(sys, dir)
	d.USB = strings.Contains(link, "/usb")
	flash := line(sys, dir+"/queue/rotational") == "0"
	switch {
	case strings.Contains(name, "boot") && strings.HasPrefix(name, "mmcblk"), strings.HasPrefix(name, "sr"):
		return d, false
	case strings.HasPrefix(name, "nvme"):
		d.Kind = disks.NVMe
	case strings.HasPrefix(name, "mmcblk"):
		d.Kind = disks.EMMC
		if line(sys, dir+"/device/type") == "SD" {
			d.Kind = disks.Card
		}
	case strings.HasPrefix(name, "sd") && flash:
		d.Kind = disks.SSD
	case strings.HasPrefix(name, "sd"), strings.HasPrefix(name, "hd"):
		d.Kind = disks.HDD
	case strings.HasPrefix(name, "vd"), strings.HasPrefix(name, "xvd"):
		d.Kind = disks.Virtual
	default:
		return d, false
	}
	d.Model = first(sys, dir+"/device/model", dir+"/device/name")
	d.Serial = first(sys, dir+"/device/serial", dir+"/serial")
	d.Firmware = first(sys, dir+"/device/firmware_rev", dir+"/device/rev")
	sectors, err := strconv.ParseInt(line(sys, dir+"/size"), 10, 64)
	d.Bytes = sectors * 512
	return d, err == nil && sectors > 0
}

// first returns the first of some files that says something.
func first(sys fs.FS, names ...string) string {
	for _, name := range names {
		if s := line(sys, name); s != "" {
			return s
		}
	}
	return ""
}

// line returns a file's text without white space around it; "" if there is
// none.
func line(sys fs.FS, name string) string {
	data, err := fs.ReadFile(sys, path.Clean(name))
	if err != nil {
		return ""
	}
	return strings.ToValidUTF8(strings.TrimSpace(string(data)), "?")
}
