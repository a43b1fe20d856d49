//go:build system

package bench

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"
)

// What a box says when it starts anew, and when it does so for another reason
// than the watchdog.
var anew = regexp.MustCompile(`Linux version|Kernel panic|reboot: |the box stops`)

func TestBenchTheWatchdogResetsABoxWhoseBoxdIsWedged(t *testing.T) {
	sabotaged := t.TempDir()
	if err := Sabotaged(t.Context(), "../..", sabotaged); err != nil {
		t.Fatal(err)
	}
	s := tellOf(t, sabotaged, Plan{Name: "box", Alone: true, Kernel: "loglevel=6"}) // it greets at level 5
	box := s.Boxes[0]
	s.boot(box)
	s.save(box.URL, "Before", "written before boxd stopped")
	mark, wedged := box.Serial().Mark(), time.Now()
	s.until("boxd to be stopped", func() error { return s.Stop(s.ctx, box, "boxd") })
	if _, err := s.Status(s.ctx, box.URL); err == nil {
		t.Fatal("boxd answers: it is not stopped, and this test proves nothing")
	}
	ctx, cancel := context.WithTimeout(s.ctx, *patience)
	defer cancel()
	line, err := box.Serial().WaitFor(ctx, mark, anew)
	s.must(err)
	if !strings.Contains(line.Text, "Linux version") {
		t.Fatalf("the box started anew, and not by the watchdog: %s", line.Text)
	}
	t.Logf("the watchdog reset the box %v after boxd had stopped", line.At.Sub(wedged).Round(time.Second))
	s.expect(box.URL, "Before", "written before boxd stopped")
	s.save(box.URL, "After", "written after the reset")
}
