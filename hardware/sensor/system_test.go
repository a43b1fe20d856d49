//go:build system

package sensor

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestSystemRealUpsdIsAsked runs Debian's NUT with its driver that plays a UPS
// from a file.
func TestSystemRealUpsdIsAsked(t *testing.T) {
	folder := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	write("ups.conf", "[cellar]\n driver = dummy-ups\n mode = dummy-loop\n port = "+filepath.Join(folder, "cellar.dev")+"\n")
	write("cellar.dev", "ups.status: OB DISCHRG\nbattery.charge: 42\nbattery.runtime: 600\nTIMER 300\n")
	write("upsd.conf", fmt.Sprintf("LISTEN 127.0.0.1 %d\n", port))
	write("upsd.users", "")
	start := func(name string, arguments ...string) {
		t.Helper()
		c := exec.Command(name, arguments...)
		c.Env = append(os.Environ(), "NUT_CONFPATH="+folder, "NUT_STATEPATH="+folder, "NUT_ALTPIDPATH="+folder)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	}
	start("/lib/nut/dummy-ups", "-a", "cellar", "-D", "-u", "root")
	start("/lib/nut/upsd", "-D", "-u", "root")

	want := UPS{OnBattery: true, Charge: 42, Runtime: 10 * time.Minute}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		got, err := AskUPS(t.Context(), address, "cellar")
		if err == nil && got == want {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("got %+v, %v, want %+v", got, err, want)
		}
	}
	if _, err := AskUPS(t.Context(), address, "attic"); err == nil {
		t.Error("a UPS that is not there has a state")
	}
}
