package slot

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestADeviceGivesBackWhatItHoldsAndNoMore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "root")
	if err := os.WriteFile(path, []byte(strings.Repeat("x", 4000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Device(path).Write(strings.NewReader("new")); err != nil {
		t.Fatal(err)
	}
	for size, want := range map[int64]string{3: "new", 5: "newxx"} {
		r, err := Device(path).Read(size)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if r.Close(); err != nil || string(b) != want {
			t.Errorf("%d bytes are %q, %v", size, b, err)
		}
	}
}

// The same rules on real folders: what a boot partition's files look like
// after an install and a blessing.
func TestInstallAndBlessOnAFolder(t *testing.T) {
	dir, root := t.TempDir(), filepath.Join(t.TempDir(), "root-b")
	boot := Dir(dir)
	for name, text := range FirstEntry("slot-a/linux-1", "quiet") {
		if err := boot.Write(name, strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := boot.Write("slot-a/linux-1", strings.NewReader("kernel one")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(root, make([]byte, 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	serial, err := Install(boot, Device(root), Running{A, 1}, release("two"))
	if err != nil || serial != 2 {
		t.Fatalf("installed as %d, %v", serial, err)
	}
	run := Running{B, 2}
	if trial, err := OnTrial(boot, run); err != nil || !trial {
		t.Errorf("on trial: %v, %v", trial, err)
	}
	if err := Bless(boot, run); err != nil {
		t.Fatal(err)
	}
	names, err := boot.List(entries)
	if err != nil || strings.Join(names, " ") != "argss-1.conf argss-2.conf" {
		t.Errorf("entries are %v, %v", names, err)
	}
}
