package wikitest

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argss/argss/wiki"
)

func TestDiskIsFiles(t *testing.T) {
	TestFiles(t, func(*testing.T) wiki.Files { return NewDisk() })
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// outcomes collects what a file can hold after a power cut.
func outcomes(t *testing.T, d *Disk, name string) map[string]bool {
	seen := map[string]bool{}
	for seed := range uint64(3000) {
		image := d.Image(seeded(seed))
		f, err := image.Open(name, false)
		if err != nil {
			seen["none"] = true
			continue
		}
		seen[content(t, f)] = true
	}
	return seen
}

func TestSyncedBytesSurvive(t *testing.T) {
	d := NewDisk()
	mustWrite(t, d, "f", strings.Repeat("x", 3000))
	must(t, d.SyncDir("."))
	if got := outcomes(t, d, "f"); len(got) != 1 || !got[strings.Repeat("x", 3000)] {
		t.Errorf("%d outcomes of a synced file", len(got))
	}
}

func TestNameNeedsSyncDir(t *testing.T) {
	d := NewDisk()
	mustWrite(t, d, "f", "old")
	must(t, d.SyncDir("."))
	mustWrite(t, d, "g", "new")
	must(t, d.Rename("g", "f"))
	want := map[string]bool{"old": true, "new": true}
	if diff := cmp.Diff(want, outcomes(t, d, "f")); diff != "" {
		t.Error(diff)
	}
	must(t, d.SyncDir("."))
	if diff := cmp.Diff(map[string]bool{"new": true}, outcomes(t, d, "f")); diff != "" {
		t.Error(diff)
	}
	must(t, d.Remove("f"))
	if diff := cmp.Diff(map[string]bool{"new": true, "none": true}, outcomes(t, d, "f")); diff != "" {
		t.Error(diff)
	}
}

func TestUnsyncedWritesTearAndReorder(t *testing.T) {
	d := NewDisk()
	block := func(s string) string { return strings.Repeat(s, Sector) }
	f := mustWrite(t, d, "f", block("0")+block("0"))
	must(t, d.SyncDir("."))
	_, err := f.WriteAt([]byte(block("1")), 0)
	must(t, err)
	_, err = f.WriteAt([]byte(block("2")+block("2")), Sector)
	must(t, err)
	got := outcomes(t, d, "f")
	for name, want := range map[string]string{
		"nothing":          block("0") + block("0"),
		"everything":       block("1") + block("2") + block("2"),
		"first only":       block("1") + block("0"),
		"second first":     block("0") + block("2") + block("2"),
		"size before data": block("0") + block("0") + block("\x00"),
	} {
		if !got[want] {
			t.Errorf("no seed left %s", name)
		}
	}
}

func TestUnsyncedTruncationMayBeUndone(t *testing.T) {
	d := NewDisk()
	f := mustWrite(t, d, "f", "hello")
	must(t, d.SyncDir("."))
	must(t, f.Truncate(2))
	got := outcomes(t, d, "f")
	if !got["hello"] || !got["he"] {
		t.Errorf("found %v, want both the old and the new size among them", got)
	}
	must(t, f.Sync())
	if diff := cmp.Diff(map[string]bool{"he": true}, outcomes(t, d, "f")); diff != "" {
		t.Error(diff)
	}
}

func TestSyncThatFailedIsNeverMadeGood(t *testing.T) {
	d := NewDisk()
	f := mustWrite(t, d, "f", "old")
	must(t, d.SyncDir("."))
	_, err := f.WriteAt([]byte("new"), 0)
	must(t, err)
	d.FailAfter(1, nil)
	if err := f.Sync(); !errors.Is(err, syscall.EIO) {
		t.Fatalf("sync: %v", err)
	}
	must(t, f.Sync())
	if got := content(t, f); got != "new" {
		t.Errorf("reads show %q", got)
	}
	if diff := cmp.Diff(map[string]bool{"old": true}, outcomes(t, d, "f")); diff != "" {
		t.Error(diff)
	}
}

func TestFullDiskTakesWhatFits(t *testing.T) {
	d := NewDisk()
	f := mustWrite(t, d, "f", "12345")
	d.SetFree(3)
	if n, err := f.WriteAt([]byte("abcdef"), 5); n != 3 || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("wrote %d bytes, %v", n, err)
	}
	if got := content(t, f); got != "12345abc" {
		t.Errorf("content %q", got)
	}
	if free, _ := d.Free(); free != 0 {
		t.Errorf("%d bytes free", free)
	}
	d.SetFree(-1)
	_, err := f.WriteAt([]byte("abcdef"), 5)
	must(t, err)
}

func TestCutPowerEndsEverything(t *testing.T) {
	d := NewDisk()
	f := mustWrite(t, d, "f", "x")
	d.CutAfter(2)
	_, err := f.WriteAt([]byte("y"), 0)
	must(t, err)
	if err := f.Sync(); err == nil {
		t.Fatal("the cut sync succeeded")
	}
	d.Reappear()
	if _, err := d.List("."); err == nil {
		t.Error("a disk without power answers")
	}
	if diff := cmp.Diff(map[string]bool{"x": true, "y": true, "none": true}, outcomes(t, d, "f")); diff != "" {
		t.Error(diff)
	}
}

func TestVanishedDiskReappears(t *testing.T) {
	d := NewDisk()
	f := mustWrite(t, d, "f", "x")
	d.Vanish()
	if _, err := f.ReadAt(make([]byte, 1), 0); !errors.Is(err, syscall.EIO) {
		t.Errorf("read: %v", err)
	}
	if _, err := d.Open("f", false); !errors.Is(err, syscall.EIO) {
		t.Errorf("open: %v", err)
	}
	d.Reappear()
	if got := content(t, f); got != "x" {
		t.Errorf("content %q", got)
	}
}

func TestHookSeesAndRefusesChanges(t *testing.T) {
	d := NewDisk()
	var seen []string
	d.Hook(func(op Op) error {
		seen = append(seen, fmt.Sprint(op.N, op.Kind, op.Name))
		if op.Kind == OpSyncDir {
			return syscall.EIO
		}
		return nil
	})
	mustWrite(t, d, "f", "x")
	if err := d.SyncDir("."); !errors.Is(err, syscall.EIO) {
		t.Errorf("sync of the folder: %v", err)
	}
	if diff := cmp.Diff([]string{"1createf", "2writef", "3syncf", "4syncdir."}, seen); diff != "" {
		t.Error(diff)
	}
	if got, want := d.Counts(), (Counts{Changes: 4, Writes: 1, Syncs: 2}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

func TestFlipBitsChangesWhatIsNamed(t *testing.T) {
	d := NewDisk()
	zeros := string(make([]byte, 1000))
	a, b := mustWrite(t, d, "a", zeros), mustWrite(t, d, "b", zeros)
	d.FlipBits(seeded(1), 1, func(name string) bool { return name == "b" })
	if content(t, a) != zeros || bytes.Count([]byte(content(t, b)), []byte{0}) != 999 {
		t.Error("not exactly one byte of b changed")
	}
}

func TestImagesDependOnTheSeedAlone(t *testing.T) {
	build := func() *Disk {
		d := NewDisk()
		for i := range 20 {
			f := mustOpen(t, d, fmt.Sprint("f", i))
			_, err := f.WriteAt(bytes.Repeat([]byte{byte(i)}, 2000), 0)
			must(t, err)
		}
		return d
	}
	dump := func(d *Disk) map[string]string {
		all := map[string]string{}
		for _, name := range d.Names() {
			all[name] = content(t, mustOpen(t, d, name))
		}
		return all
	}
	for seed := range uint64(20) {
		if diff := cmp.Diff(dump(build().Crash(seeded(seed))), dump(build().Crash(seeded(seed)))); diff != "" {
			t.Fatal(diff)
		}
	}
}
