//go:build system

package machine

import (
	"context"
	"regexp"
	"testing"
	"time"

	"github.com/argss/argss/images/bench/disk"
)

const patience = 3 * time.Minute

func boot(t *testing.T, arch Arch) *Machine {
	t.Helper()
	d, err := disk.New(disk.Config{Size: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(Config{Name: "box", Arch: arch, Dir: t.TempDir()}, d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	if err := m.PowerOn(); err != nil {
		t.Fatal(err)
	}
	return m
}

// Firmware alone: it finds nothing to start on an empty disk and says so, again
// after a reset and after a power pull.
func TestSystemFirmwareLooksForSomethingToStart(t *testing.T) {
	said := map[Arch]*regexp.Regexp{
		AMD64: regexp.MustCompile(`BdsDxe: (loading|failed|No bootable|starting)`),
		ARM64: regexp.MustCompile(`(BdsDxe|UEFI firmware|UEFI Interactive Shell)`),
	}
	for arch, pattern := range said {
		t.Run(string(arch), func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			m := boot(t, arch)
			expect := func(mark int) {
				t.Helper()
				if _, err := m.Serial().WaitFor(ctx, mark, pattern); err != nil {
					t.Fatal(err)
				}
			}
			expect(0)
			mark := m.Serial().Mark()
			if err := m.Reset(ctx); err != nil {
				t.Fatal(err)
			}
			expect(mark)
			if _, err := m.PullPower(1); err != nil {
				t.Fatal(err)
			}
			if on, err := m.Running(); on || err != nil {
				t.Errorf("without power: running %v, %v", on, err)
			}
			mark = m.Serial().Mark()
			if err := m.PowerOn(); err != nil {
				t.Fatal(err)
			}
			expect(mark)
		})
	}
}
