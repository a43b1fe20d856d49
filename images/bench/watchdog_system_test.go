//go:build system

package bench

import (
	"context"
	"regexp"
	"testing"
	"time"
)

// The first process is told to stop boxd each time it is ready. It starts it
// again once, which does not help, and then no longer feeds the watchdog.
func TestBenchTheWatchdogResetsABoxWhoseBoxdIsWedged(t *testing.T) {
	s := tell(t, Plan{Name: "box", Alone: true, Kernel: "loglevel=6 argss.bench argss.wedge=boxd"}) // kernels greet at level 5
	box := s.Boxes[0]
	ctx, cancel := context.WithTimeout(s.ctx, *patience)
	defer cancel()
	said := func(mark int, pattern string) (time.Time, int) {
		t.Helper()
		line, err := box.Serial().WaitFor(ctx, mark, regexp.MustCompile(pattern))
		s.must(err)
		t.Log(line.Text)
		return line.At, box.Serial().Mark()
	}
	s.must(box.PowerOn())
	wedged, mark := said(0, "boxd is stopped")
	_, mark = said(mark, "is started again")
	unfed, mark := said(mark, "not fed")
	// A panic or a reboot would say so before the kernel greets again.
	reset, _ := said(mark, "Linux version|Kernel panic|reboot: |the box stops")
	if line, err := box.Serial().WaitFor(ctx, mark, regexp.MustCompile("Linux version|Kernel panic|reboot: |the box stops")); err != nil || !regexp.MustCompile("Linux version").MatchString(line.Text) {
		t.Errorf("the box began anew, and not by the watchdog: %q, %v", line.Text, err)
	}
	t.Logf("reset %v after boxd first stood still, %v after the watchdog was no longer fed", reset.Sub(wedged).Round(time.Second), reset.Sub(unfed).Round(time.Second))
}
