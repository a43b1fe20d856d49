//go:build system

package ext4

import (
	"os/exec"
	"strings"
	"testing"
)

// TestSystemE2fsckFindsNothing asks the reference, also on a disk of 16 TB.
func TestSystemE2fsckFindsNothing(t *testing.T) {
	for _, c := range passed {
		f := sparse(t, c.size)
		if err := Make(f, c.size, options); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("e2fsck", "-fn", f.Name()).CombinedOutput(); err != nil {
			t.Errorf("%d bytes: %v\n%s", c.size, err, out)
		}
		f.Truncate(0)
	}
}

// TestSystemKernelWritesAndE2fsckStillFindsNothing mounts it, as root.
func TestSystemKernelWritesAndE2fsckStillFindsNothing(t *testing.T) {
	for _, size := range []int64{MinSize, 300 << 20, 16e12} {
		f := sparse(t, size)
		if err := Make(f, size, options); err != nil {
			t.Fatal(err)
		}
		script := `mount -o loop "$1" "$2"
			trap 'umount "$2"' EXIT
			mkdir "$2/folder"; for i in $(seq 500); do echo "$i" >"$2/folder/$i"; done
			dd if=/dev/zero of="$2/large" bs=64k count=64 conv=fsync status=none
			trap - EXIT; umount "$2"
			e2fsck -fn "$1"`
		out, err := exec.Command("bash", "-euc", script, "mount", f.Name(), t.TempDir()).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "513/") {
			t.Errorf("%d bytes: %v\n%s", size, err, out)
		}
		f.Truncate(0)
	}
}
