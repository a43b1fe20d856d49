package pid1

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/argss/argss/fleet/slot"
)

// ownDisk is the disk that the root is mounted from. Other disks may carry the
// same GUIDs (a stick that the box was installed from), so only this counts.
type ownDisk struct {
	Name string // as in /dev
	sys  string // its folder in /sys
}

func findOwnDisk() (ownDisk, error) {
	var st unix.Stat_t
	if err := unix.Stat("/", &st); err != nil {
		return ownDisk{}, fmt.Errorf("find the own disk: %w", err)
	}
	at := fmt.Sprintf("/sys/dev/block/%d:%d", unix.Major(st.Dev), unix.Minor(st.Dev))
	part, err := filepath.EvalSymlinks(at)
	if err != nil {
		return ownDisk{}, fmt.Errorf("find the own disk: %w", err)
	}
	return ownDisk{filepath.Base(filepath.Dir(part)), filepath.Dir(part)}, nil
}

// root returns the device and the GUID of a slot's root.
func (d ownDisk) root(name slot.Name) (dev, guid string, err error) {
	dev, _, err = d.partition("root-" + string(name))
	if err != nil {
		return "", "", err
	}
	b, err := os.ReadFile(filepath.Join("/sys/class/block", filepath.Base(dev), "uevent"))
	if err != nil {
		return "", "", fmt.Errorf("look at %s: %w", dev, err)
	}
	if guid = uevent(string(b))["PARTUUID"]; guid == "" {
		return "", "", fmt.Errorf("look at %s: the kernel does not tell its GUID", dev)
	}
	return dev, guid, nil
}

// partition returns the device and number of the partition with a name.
func (d ownDisk) partition(name string) (dev string, number int, err error) {
	files, _ := filepath.Glob(filepath.Join(d.sys, "*", "uevent")) // fails for bad patterns only
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		fields := uevent(string(b))
		if fields["PARTNAME"] == name {
			number, err := strconv.Atoi(fields["PARTN"])
			return "/dev/" + fields["DEVNAME"], number, err
		}
	}
	return "", 0, fmt.Errorf("disk %s has no partition %s", d.Name, name)
}

func uevent(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			out[key] = value
		}
	}
	return out
}
