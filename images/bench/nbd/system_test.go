//go:build system

package nbd

import (
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/argss/argss/images/bench/disk"
)

func serve(t *testing.T, d Disk) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "nbd")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := Serve(l, d)
	t.Cleanup(s.Close)
	return "nbd+unix:///?socket=" + path
}

func run(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	return string(out), err
}

// mustRun also fails for what qemu-io says and does not return.
func mustRun(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := run(t, name, args...)
	if err != nil || strings.Contains(out, "failed") {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return out
}

// QEMU's own client, which is also the one of its virtual machines.
func TestSystemQEMUReadsBackWhatItWrote(t *testing.T) {
	d, err := disk.New(disk.Config{Size: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	url := serve(t, d)
	if out := mustRun(t, "qemu-img", "info", url); !strings.Contains(out, "64 MiB (67108864 bytes)") {
		t.Errorf("qemu-img sees another disk:\n%s", out)
	}
	mustRun(t, "qemu-io", "-f", "raw", "-c", "write -P 0xab 1M 2M", "-c", "write -f -P 0xcd 8k 4k",
		"-c", "write -z 2M 64k", "-c", "discard 2560k 64k", "-c", "flush",
		"-c", "read -P 0xab 1M 1M", "-c", "read -P 0 2M 64k", "-c", "read -P 0 2560k 64k", "-c", "read -P 0xcd 8k 4k", url)
	d.Spoil(1<<20, 512)
	out, _ := run(t, "qemu-io", "-f", "raw", "-c", "read 1M 512", "-c", "read -P 0xab 1536k 4k", url)
	if !strings.Contains(out, "Input/output error") || !strings.Contains(out, "read 4096/4096") {
		t.Errorf("a bad sector, and a good one after it:\n%s", out)
	}
}

// A whole image through QEMU, byte for byte; and what was flushed is there after
// any cut.
func TestSystemQEMUConvertsAnImageThatSurvivesThePowerCut(t *testing.T) {
	const size = 8 << 20
	source := filepath.Join(t.TempDir(), "source")
	content := make([]byte, size)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range content {
		content[i] = byte(random.Uint32())
	}
	if err := os.WriteFile(source, content, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := disk.New(disk.Config{Size: size})
	if err != nil {
		t.Fatal(err)
	}
	url := serve(t, d)
	mustRun(t, "qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", source, url)
	if _, err := d.PowerCut(1); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "qemu-img", "compare", "-f", "raw", "-F", "raw", source, url)
}
