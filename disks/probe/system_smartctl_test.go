//go:build system

package probe_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argss/argss/disks"
	"github.com/argss/argss/disks/diskstest"
	"github.com/argss/argss/disks/probe"
)

// smartctl reads its own debug output in place of a disk: the bytes of a disk
// go to it and to us, and both must understand the same.
func TestSystemSmartctlReadsTheSameBytes(t *testing.T) {
	all, err := diskstest.Load(os.DirFS("../testdata"))
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, r := range all {
		if r.Smartctl == nil {
			continue
		}
		o, err := diskstest.ParseSmartctl(r.Smartctl)
		if err != nil || o.ATA == nil {
			continue
		}
		f := &diskstest.Fake{Observation: o}
		cmd := exec.Command("smartctl", "--json", "-A", "-i", "-")
		cmd.Stdin = strings.NewReader(debugOutput(t, f))
		out, _ := cmd.Output() // its exit code tells of the disk's health
		if !json.Valid(bytes.TrimSpace(out)) {
			t.Fatalf("%s: smartctl says %s", r.Name, out)
		}
		theirs, err := diskstest.ParseSmartctl(out)
		if err != nil || theirs.ATA == nil {
			t.Fatalf("%s: %v\n%s", r.Name, err, out)
		}
		ours, err := probe.ParseSMART(diskstest.SMARTData(*o.ATA), diskstest.SMARTLimits(*o.ATA))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(plain(theirs.ATA.Attributes), plain(ours.Attributes)); diff != "" {
			t.Errorf("%s: (-smartctl +ours)\n%s", r.Name, diff)
		}
		compared++
	}
	if compared < 30 {
		t.Errorf("only %d disks were compared", compared)
	}
}

// plain leaves out what smartctl's database of drives reads in its own way.
func plain(all []disks.Attribute) (lines []string) {
	for _, a := range all {
		lines = append(lines, fmt.Sprintf("%d %d %d %d %v", a.ID, a.Value, a.Worst, a.Threshold, a.Prefail))
	}
	return lines
}

func debugOutput(t *testing.T, f *diskstest.Fake) string {
	t.Helper()
	var b strings.Builder
	block := func(name string, c probe.Command) {
		data := make([]byte, 512)
		if _, err := f.ATA(c, data); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "REPORT-IOCTL: Device=/dev/sda Command=%[1]s\nREPORT-IOCTL: Device=/dev/sda Command=%[1]s returned 0\n\n===== [%[1]s] DATA START (BASE-16) =====\n", name)
		for i := 0; i < 512; i += 16 {
			fmt.Fprintf(&b, "%03d-%03d:", i, i+15)
			for _, x := range data[i : i+16] {
				fmt.Fprintf(&b, " %02x", x)
			}
			b.WriteString(" |................|\n")
		}
		fmt.Fprintf(&b, "===== [%s] DATA END (512 Bytes) =====\n\n", name)
	}
	block("IDENTIFY DEVICE", probe.Command{Command: 0xec})
	block("SMART READ ATTRIBUTE VALUES", probe.Command{Command: 0xb0, Feature: 0xd0})
	block("SMART READ ATTRIBUTE THRESHOLDS", probe.Command{Command: 0xb0, Feature: 0xd1})
	return b.String()
}
