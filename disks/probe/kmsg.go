package probe

import (
	"regexp"
	"strings"
)

// Trouble is what a kernel message says of a disk.
type Trouble struct {
	Disk   string // kernel name; for a SATA port "ata3"
	Medium bool   // a read or write failed; else the way to the disk did
}

var (
	ioError    = regexp.MustCompile(`(?:I/O error, dev |critical medium error, dev |Medium Error.*\[|Buffer I/O error on dev(?:ice)? )((?:sd[a-z]+|nvme\d+n\d+|mmcblk\d+|vd[a-z]+))`)
	nvmeTrip   = regexp.MustCompile(`\bnvme (nvme\d+): (?:I/O .*timeout|controller is down|.*resetting controller|Device not ready|Abort status)`)
	linkTrip   = regexp.MustCompile(`\b(ata\d+)(?:\.\d+)?: (?:hard resetting link|SATA link down|exception Emask|link is slow)`)
	scsiTrip   = regexp.MustCompile(`\[(sd[a-z]+)\].*(?:hostbyte=DID_(?:TIME_OUT|NO_CONNECT|ERROR)|rejecting I/O to offline device)`)
	kernelLine = regexp.MustCompile(`^\d+,\d+,\d+,[^;]*;`)
)

const longestMessage = 8 << 10

// ParseMessage reads a record of /dev/kmsg, or a line of dmesg, and tells
// whether it is about a disk's trouble.
func ParseMessage(record string) (Trouble, bool) {
	if len(record) > longestMessage {
		record = record[:longestMessage]
	}
	text, _, _ := strings.Cut(record, "\n")
	text = kernelLine.ReplaceAllString(text, "")
	if m := ioError.FindStringSubmatch(text); m != nil {
		return Trouble{m[1], true}, true
	}
	for _, re := range []*regexp.Regexp{nvmeTrip, linkTrip, scsiTrip} {
		if m := re.FindStringSubmatch(text); m != nil {
			return Trouble{m[1], false}, true
		}
	}
	return Trouble{}, false
}

// Of tells whether trouble is a disk's: an NVMe controller's name begins that
// of its disk.
func (t Trouble) Of(disk string) bool {
	return t.Disk == disk || strings.HasPrefix(t.Disk, "nvme") && strings.HasPrefix(disk, t.Disk+"n")
}
