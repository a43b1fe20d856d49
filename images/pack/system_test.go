//go:build system

package pack

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/argss/argss/images"
)

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// unsquashfs is of the people who make the format: it sees modes and links too.
func TestSystemSquashfsIsRightForUnsquashfs(t *testing.T) {
	name, _ := writeSample(t, sample())
	out := filepath.Join(t.TempDir(), "out")
	run(t, "unsquashfs", "-strict-errors", "-d", out, name)
	for _, f := range sample() {
		at := filepath.Join(out, f.Path)
		info, err := os.Lstat(at)
		if err != nil {
			t.Fatal(err)
		}
		if !info.ModTime().Equal(when) {
			t.Errorf("%s is of %v", f.Path, info.ModTime())
		}
		if f.Link != "" {
			if to, err := os.Readlink(at); err != nil || to != f.Link {
				t.Errorf("%s leads to %q (%v)", f.Path, to, err)
			}
			continue
		}
		if mode := uint16(info.Mode().Perm()); mode != f.Mode {
			t.Errorf("%s has mode %o, want %o", f.Path, mode, f.Mode)
		}
		if f.Dir {
			continue
		}
		if b, err := os.ReadFile(at); err != nil || string(b) != string(f.Data) {
			t.Errorf("%s has other content (%v)", f.Path, err)
		}
	}
}

func TestSystemDiskIsRightForSgdiskAndFsck(t *testing.T) {
	for _, board := range images.Boards() {
		disk := writeDisk(t, board)
		if out := run(t, "sgdisk", "--verify", disk); !strings.Contains(out, "No problems found") {
			t.Errorf("%s: %s", board.Name, out)
		}
		for _, p := range board.Partitions() {
			if p.Content != images.FAT {
				continue
			}
			part := filepath.Join(t.TempDir(), p.Name)
			run(t, "dd", "if="+disk, "of="+part, "bs=1M", "conv=sparse",
				"skip="+mib(p.Start), "count="+mib(p.Size), "status=none")
			run(t, "fsck.vfat", "-n", part)
		}
	}
}

func mib(n int64) string { return strconv.FormatInt(n/images.MiB, 10) }
