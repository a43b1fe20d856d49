// Package slot owns which of a box's two slots boots: the files by which the
// firmware chooses, and the order in which they are written so that the power
// may fail at any of them.
//
// # Boot counting
//
// On boards with UEFI, systemd-boot reads \loader\entries. There is one file a
// slot that may boot:
//
//	argss-N.conf        version N, blessed: it has been healthy
//	argss-N+L-D.conf    version N, on trial: L tries left, D done
//
// N is the box's own install serial: each install takes the next, whatever
// software is in it, so the newest install is tried first. systemd-boot counts
// a try before it starts the kernel, and with no tries left goes to the other.
//
//	title ARGSS N
//	sort-key argss
//	version N
//	linux /slot-b/linux-N
//	options root=PARTUUID=… argss.slot=b argss.serial=N …
//
// Firmware whose loader ends, because a kernel is no kernel, falls into its
// shell if it has one; \startup.nsh resets from there, and so the next try
// counts.
//
// There is no default entry, no machine ID and one sort-key: those come before
// counting, and would defeat it.
package slot

import (
	"fmt"
	"strconv"
	"strings"
)

// Tries is how often a new version may boot without having been healthy.
const Tries = 3

// Name is a slot: A or B.
type Name string

// The slots.
const (
	A Name = "a"
	B Name = "b"
)

// Other returns the slot that is not this one.
func (n Name) Other() Name {
	if n == A {
		return B
	}
	return A
}

// Entry is the name of an entry file.
type Entry struct {
	Serial     uint64
	Trial      bool
	Left, Done int // of a trial
}

// String returns the file's name.
func (e Entry) String() string {
	if e.Trial {
		return fmt.Sprintf("argss-%d+%d-%d.conf", e.Serial, e.Left, e.Done)
	}
	return fmt.Sprintf("argss-%d.conf", e.Serial)
}

// ParseEntry reads a file's name; false means that the file is not ours. FAT
// may give it back in capitals.
func ParseEntry(name string) (Entry, bool) {
	rest, ours := strings.CutPrefix(strings.ToLower(name), "argss-")
	rest, conf := strings.CutSuffix(rest, ".conf")
	if !ours || !conf {
		return Entry{}, false
	}
	serial, counters, trial := strings.Cut(rest, "+")
	e := Entry{Trial: trial}
	var err error
	if e.Serial, err = strconv.ParseUint(serial, 10, 63); err != nil {
		return Entry{}, false
	}
	if !trial {
		return e, canonical(e, name)
	}
	left, done, _ := strings.Cut(counters, "-") // systemd-boot takes "+3" too
	if e.Left, err = strconv.Atoi(left); err != nil || e.Left < 0 {
		return Entry{}, false
	}
	if e.Done, err = strconv.Atoi(done); err != nil || e.Done < 0 {
		return Entry{}, false
	}
	return e, canonical(e, name)
}

func canonical(e Entry, name string) bool { return strings.EqualFold(e.String(), name) }

// entryText is the content of an entry file.
func entryText(serial uint64, kernel, options string) string {
	return fmt.Sprintf("title ARGSS %d\nsort-key argss\nversion %d\nlinux /%s\noptions %s\n", serial, serial, kernel, options)
}

// optionsOf adds to a kernel's command line which slot and install it is.
func optionsOf(options string, name Name, serial uint64) string {
	return fmt.Sprintf("%s argss.slot=%s argss.serial=%d", options, name, serial)
}

// FirstEntry returns the files of a boot partition whose slot A holds the only
// version, installed as number 1, with its kernel at that path.
func FirstEntry(kernel, options string) map[string]string {
	return map[string]string{
		"loader/loader.conf": "timeout 0\n",
		"startup.nsh":        "reset\r\n",
		"loader/entries/" + Entry{Serial: 1}.String(): entryText(1, kernel, optionsOf(options, A, 1)),
	}
}

// FirstChoice returns the file by which a Raspberry Pi boots slot A, and tries
// slot B when told to.
func FirstChoice(string, string) map[string]string {
	return map[string]string{"autoboot.txt": autoboot(A)}
}

// autoboot is one sector and so written at once: the partition that boots, and
// the one that boots when the reboot asked for a try.
func autoboot(committed Name) string {
	number := map[Name]int{A: 2, B: 3}
	return fmt.Sprintf("[all]\ntryboot_a_b=1\nboot_partition=%d\n[tryboot]\nboot_partition=%d\n",
		number[committed], number[committed.Other()])
}
