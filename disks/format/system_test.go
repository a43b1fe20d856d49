//go:build system

package format

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var record = flag.Bool("record", false, "keep the disks that the tools make in testdata")

// TestSystemDisksMadeByDebianAreRecognised makes the recorded disks anew.
func TestSystemDisksMadeByDebianAreRecognised(t *testing.T) {
	for _, c := range recorded {
		path := filepath.Join(t.TempDir(), c.file)
		if out, err := exec.Command("bash", "-euc", c.command, "make", path).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", c.file, err, out)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		info, err := file.Stat()
		if err != nil {
			t.Fatal(err)
		}
		if f, err := Recognise(file, info.Size()); err != nil || f != foreign(c.what) {
			t.Errorf("%s: %v, %v, want %s", c.file, f, err, c.what)
		}
		file.Close()
		if *record {
			keep(t, path, c.file)
		}
		os.Remove(path)
	}
}

func keep(t *testing.T, path, name string) {
	t.Helper()
	image, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	z.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(image))))
	for at, left := 0, 256; at+sectorAtom <= len(image) && left > 0; at += sectorAtom {
		if sector := image[at : at+sectorAtom]; !zero(sector) {
			left--
			z.Write(binary.LittleEndian.AppendUint64(nil, uint64(at)))
			z.Write(sector)
		}
	}
	z.Close()
	if err := os.WriteFile(filepath.Join("testdata", name+".gz"), packed.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestSystemRealDiskIsPreparedMountedAndKnownAgain uses a loop device of 16 TB,
// as root, and lets Debian's tools look at the result.
func TestSystemRealDiskIsPreparedMountedAndKnownAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "disk")
	run := func(script string) string {
		t.Helper()
		out, err := exec.Command("bash", "-euc", script, "disk", path).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	run(`truncate -s 16000000000000 "$1"`)
	loop := run(`losetup --find --show "$1"`)
	defer exec.Command("losetup", "--detach", loop).Run()

	d, err := Open(loop)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	data, err := Prepare(d, d.Shape, [16]byte{1}, at)
	if err != nil {
		t.Fatal(err)
	}
	if f, err := Recognise(d, d.Shape.Size); err != nil || f.Kind != Ours || f.Data != data {
		t.Errorf("the disk is %v, %v", f, err)
	}
	path = loop
	if out := run(`sfdisk --verify "$1"`); !strings.Contains(out, "No errors detected") {
		t.Errorf("sfdisk: %s", out)
	}
	inner := run(`losetup --find --show --offset 1048576 "$1"`)
	defer exec.Command("losetup", "--detach", inner).Run()
	path = inner
	if out := run(`blkid -p -o value -s LABEL "$1"`); out != Label {
		t.Errorf("blkid calls it %q", out)
	}
	run(`mount "$1" ` + t.TempDir() + ` && umount "$1"; e2fsck -fn "$1"`)
}
