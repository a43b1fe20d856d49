package disks

import "strings"

// Kind is what a disk is made of.
type Kind string

// The kinds.
const (
	HDD     Kind = "hdd"
	SSD     Kind = "ssd" // SATA or SAS
	NVMe    Kind = "nvme"
	EMMC    Kind = "emmc"
	Card    Kind = "sd" // SD cards, which say nothing of their wear
	Virtual Kind = "virtual"
)

// Disk says which disk it is.
type Disk struct {
	Name     string `json:"name"` // as the kernel calls it: sda, nvme0n1
	Model    string `json:"model,omitempty"`
	Serial   string `json:"serial,omitempty"`
	Firmware string `json:"firmware,omitempty"`
	Bytes    int64  `json:"bytes,omitempty"`
	Kind     Kind   `json:"kind,omitempty"`
	USB      bool   `json:"usb,omitempty"` // behind a USB bridge
}

// ID names the disk for as long as it lives, wherever it is plugged in. Two
// disks without a serial number in one place are taken for one.
func (d Disk) ID() string {
	if d.Serial == "" {
		return d.Name
	}
	return clean(d.Model) + "-" + clean(d.Serial)
}

func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '_'
	}, strings.TrimSpace(s))
}

// seagate tells whether the vendor packs several counts into one raw value.
// Maxtor and Samsung's disks became Seagate's; ST is its own prefix.
func (d Disk) seagate() bool {
	m := strings.ToUpper(d.Model)
	return strings.HasPrefix(m, "ST") && len(m) > 2 && m[2] >= '0' && m[2] <= '9' ||
		strings.HasPrefix(m, "SEAGATE") || strings.HasPrefix(m, "BARRACUDA") || strings.HasPrefix(m, "IRONWOLF")
}
