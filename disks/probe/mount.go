package probe

import (
	"path"
	"strconv"
	"strings"
)

// Mount is the file system a path is on.
type Mount struct {
	Point    string
	Type     string
	Device   string // kernel name of the partition or disk: sda1
	Disk     string // and of the disk: sda; "" if it is none
	ReadOnly bool
	Errors   uint64 // ext4's errors_count
}

// Mount finds the file system that a path is on.
func (s System) Mount(file string) (Mount, bool) {
	var best Mount
	found := false
	for _, text := range strings.Split(line(s.Proc, "self/mountinfo"), "\n") {
		m, major, ok := parseMount(text)
		if !ok || !within(file, m.Point) || found && len(m.Point) < len(best.Point) {
			continue
		}
		m.Device, m.Disk = s.resolve(major)
		best, found = m, true
	}
	if best.Type == "ext4" {
		best.Errors, _ = strconv.ParseUint(line(s.Sys, "fs/ext4/"+best.Device+"/errors_count"), 10, 64)
	}
	return best, found
}

// parseMount reads a line of mountinfo (proc(5)); number is major:minor. A
// mount is read-only if its file system has become so: the options behind the
// dash.
func parseMount(text string) (m Mount, number string, ok bool) {
	before, after, ok := strings.Cut(text, " - ")
	f, g := strings.Fields(before), strings.Fields(after)
	if !ok || len(f) < 6 || len(g) < 3 {
		return Mount{}, "", false
	}
	m = Mount{Point: unescape(f[4]), Type: g[0]}
	m.ReadOnly = strings.HasPrefix(g[2]+",", "ro,")
	return m, f[2], true
}

// unescape undoes the octal escapes of white space.
func unescape(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}

func within(file, point string) bool {
	return point == "/" || file == point || strings.HasPrefix(file, point+"/")
}

// resolve finds the disk that a block device number belongs to.
func (s System) resolve(number string) (device, disk string) {
	link := line(s.Sys, "dev/block/"+number+"/uevent")
	for _, l := range strings.Split(link, "\n") {
		if name, ok := strings.CutPrefix(l, "DEVNAME="); ok {
			device = name
		}
	}
	if device == "" {
		return "", ""
	}
	if line(s.Sys, "dev/block/"+number+"/partition") == "" {
		return device, device
	}
	disk = strings.TrimRight(device, "0123456789")
	if strings.HasPrefix(device, "nvme") || strings.HasPrefix(device, "mmcblk") {
		disk = strings.TrimSuffix(disk, "p")
	}
	return device, path.Base(disk)
}
