package probe_test

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/argss/argss/disks"
	"github.com/argss/argss/disks/diskstest"
	"github.com/argss/argss/disks/probe"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func open(f *diskstest.Fake) probe.System {
	return probe.System{Sys: fstest.MapFS{}, Open: func(string) (probe.Device, error) { return f, nil }}
}

// Every recorded disk reads the same through the commands of its kind.
func TestDisksAreReadThroughTheirCommands(t *testing.T) {
	all, err := diskstest.Load(os.DirFS("../testdata"))
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, r := range all {
		if r.Smartctl == nil || r.Want.Codes != nil && slices.Contains(r.Want.Codes, "no-smart") {
			continue
		}
		want, err := diskstest.ParseSmartctl(r.Smartctl)
		if err != nil {
			t.Fatal(err)
		}
		if want.ATA != nil {
			want.ATA.SelfTest, want.ATA.Endurance = disks.SelfTest{}, nil // of logs the fake does not keep
		}
		got, err := open(&diskstest.Fake{Observation: want}).Ask(want.Disk, false, now)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.ATA, got.ATA); diff != "" {
			t.Errorf("%s: (-recorded +read)\n%s", r.Name, diff)
		}
		if diff := cmp.Diff(want.NVMe, got.NVMe); diff != "" {
			t.Errorf("%s: (-recorded +read)\n%s", r.Name, diff)
		}
		if got.Access != disks.Answered || got.Disk.Model != want.Disk.Model || !got.HealthAt.Equal(now) {
			t.Errorf("%s: %s %+v", r.Name, got.Access, got.Disk)
		}
		read++
	}
	if read < 50 {
		t.Errorf("only %d disks were read", read)
	}
}

func sleeper(t *testing.T) *diskstest.Fake {
	return &diskstest.Fake{Asleep: true, Observation: disks.Observation{ATA: &disks.ATA{}, Disk: disks.Disk{Name: "sda", Kind: disks.HDD}}}
}

func TestASleepingDiskIsNeverWoken(t *testing.T) {
	f := sleeper(t)
	if _, err := open(f).Ask(f.Observation.Disk, false, now); !errors.Is(err, probe.ErrAsleep) || f.Woken {
		t.Errorf("asked: %v, woken %v, sent %x", err, f.Woken, f.Sent)
	}
	if _, err := open(f).Ask(f.Observation.Disk, true, now); err != nil || !f.Woken {
		t.Errorf("asked for good: %v, woken %v", err, f.Woken)
	}
}

func TestADiskThatCannotBeAskedSaysWhy(t *testing.T) {
	for want, c := range map[disks.Access]struct {
		disk disks.Disk
		err  error
	}{
		disks.NotAllowed: {disks.Disk{Name: "sda", Kind: disks.HDD}, fs.ErrPermission},
		disks.NoBridge:   {disks.Disk{Name: "sda", Kind: disks.HDD, USB: true}, errors.New("not passed on")},
		disks.NoAnswer:   {disks.Disk{Name: "sda", Kind: disks.HDD}, errors.New("timeout")},
		disks.NoHealth:   {disks.Disk{Name: "vda", Kind: disks.Virtual}, nil},
	} {
		s := probe.System{Sys: fstest.MapFS{}, Open: func(string) (probe.Device, error) { return nil, c.err }}
		if o, err := s.Ask(c.disk, false, now); err != nil || o.Access != want {
			t.Errorf("%s: access %q, %v", want, o.Access, err)
		}
	}
}

func TestLatencyTellsSlowAndStuckDisks(t *testing.T) {
	var l probe.Latency
	at := now
	look := func(s probe.Stat) { at = at.Add(10 * time.Second); l.Look(s, at) }
	look(probe.Stat{})
	look(probe.Stat{Done: 1000, Waited: time.Second})
	if p := l.P99(); p != time.Millisecond {
		t.Errorf("p99 is %v, want 1 ms", p)
	}
	look(probe.Stat{Done: 1020, Waited: 61 * time.Second, InFlight: 1})
	if p := l.P99(); p != 3*time.Second {
		t.Errorf("p99 is %v after 20 requests of 3 s", p)
	}
	for range 3 {
		look(probe.Stat{Done: 1020, Waited: 61 * time.Second, InFlight: 1})
	}
	if s := l.Stuck(at); s != 30*time.Second {
		t.Errorf("stuck for %v", s)
	}
	look(probe.Stat{Done: 1021, Waited: 62 * time.Second})
	if s := l.Stuck(at); s != 0 {
		t.Errorf("still stuck for %v", s)
	}
}

func TestMessagesOfTheKernelAreUnderstood(t *testing.T) {
	for text, want := range map[string]probe.Trouble{
		"3,1234,5678,-;blk_update_request: I/O error, dev sda, sector 2048 op 0x0:(READ) flags 0x0": {Disk: "sda", Medium: true},
		"3,1,1,-;critical medium error, dev nvme0n1, sector 90112":                                  {Disk: "nvme0n1", Medium: true},
		"Buffer I/O error on dev vda1, logical block 3, async page read":                            {Disk: "vda", Medium: true},
		"4,1,1,-;nvme nvme0: I/O 23 QID 2 timeout, aborting":                                        {Disk: "nvme0"},
		"ata3: hard resetting link":                                                                 {Disk: "ata3"},
		"sd 0:0:0:0: [sdb] tag#0 FAILED Result: hostbyte=DID_NO_CONNECT driverbyte=DRIVER_OK":       {Disk: "sdb"},
	} {
		if got, ok := probe.ParseMessage(text); !ok || got != want {
			t.Errorf("%q: %+v %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "6,1,1,-;eth0: link up", "usb 1-1: new device", "3,1,1,-;I/O error, dev loop0, sector 1"} {
		if got, ok := probe.ParseMessage(text); ok {
			t.Errorf("%q is taken for %+v", text, got)
		}
	}
	if !(probe.Trouble{Disk: "nvme1"}).Of("nvme1n1") || (probe.Trouble{Disk: "nvme1"}).Of("nvme10n1") {
		t.Error("an NVMe controller's trouble is put on the wrong disk")
	}
}

func TestTheFileSystemOfAPathIsFound(t *testing.T) {
	s := probe.System{
		Proc: fstest.MapFS{"self/mountinfo": {Data: []byte("22 1 7:0 / / ro - squashfs /dev/root ro\n30 22 259:4 / /perm rw,noatime - ext4 /dev/nvme0n1p4 ro,errors=remount-ro\n31 30 0:40 / /perm/a\\040b rw - tmpfs tmpfs rw\n")}},
		Sys: fstest.MapFS{
			"dev/block/259:4/uevent":         {Data: []byte("MAJOR=259\nMINOR=4\nDEVNAME=nvme0n1p4\nDEVTYPE=partition\n")},
			"dev/block/259:4/partition":      {Data: []byte("4\n")},
			"fs/ext4/nvme0n1p4/errors_count": {Data: []byte("3\n")},
		},
	}
	want := probe.Mount{Point: "/perm", Type: "ext4", Device: "nvme0n1p4", Disk: "nvme0n1", ReadOnly: true, Errors: 3}
	if got, ok := s.Mount("/perm/boxd"); !ok || got != want {
		t.Errorf("got %+v", got)
	}
	if got, _ := s.Mount("/perm/a b/c"); got.Type != "tmpfs" {
		t.Errorf("got %+v", got)
	}
}

func FuzzParsersTakeAnything(f *testing.F) {
	f.Add(make([]byte, 512))
	f.Add(diskstest.SMARTData(disks.ATA{Attributes: []disks.Attribute{{ID: 5, Raw: 7}}}))
	f.Add(make([]byte, 4096))
	f.Fuzz(func(t *testing.T, b []byte) {
		var d disks.Disk
		o := disks.Observation{At: now, HealthAt: now, Access: disks.Answered}
		if a, err := probe.ParseSMART(b, b); err == nil {
			a.SelfTest, a.Endurance = probe.ParseTestLog(b), probe.ParseEndurance(b)
			o.ATA = &a
		}
		if h, err := probe.ParseHealth(b); err == nil {
			h.SelfTest, h.WarnTemperature = probe.ParseNVMeTestLog(b), probe.ParseController(b, &d)
			o.NVMe = &h
		}
		probe.ParseIdentify(b, &d)
		probe.ParseMessage(string(b))
		probe.System{Sys: fstest.MapFS{}, Proc: fstest.MapFS{"self/mountinfo": {Data: b}}}.Mount("/a")
		probe.System{Sys: fstest.MapFS{"block/sda/stat": {Data: b}}}.Stat("sda")
		disks.Judge(o, nil, now)
	})
}
