package pid1

import (
	"testing"
	"time"
)

func TestAWedgedProgramIsStartedAgainOnceAndThenTheBoxIsReset(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	g := newGuard(at(0))
	for _, c := range []struct {
		sign    int // when boxd last gave a sign, seconds; -1: nothing new
		now     int
		feed    bool
		restart string
	}{
		{-1, 600, true, ""},     // it has ten minutes to begin
		{600, 630, true, ""},    // the exact limit is no fault
		{-1, 631, true, "boxd"}, // wedged: started again, which may take its time
		{-1, 1000, true, ""},
		{1000, 1030, true, ""},
		{-1, 1031, false, ""}, // again: that does not help
		{-1, 1100, false, ""},
		{1101, 1102, true, ""}, // it came to itself before the reset
		{2000, 2031, true, "boxd"},
		{-1, 2632, false, ""}, // started again and never began
	} {
		if c.sign >= 0 {
			g.rule.Progress("boxd", at(c.sign))
		}
		if feed, restart, _ := g.decide(at(c.now)); feed != c.feed || restart != c.restart {
			t.Errorf("at %d: feed %v, start %q again", c.now, feed, restart)
		}
	}
}

func TestAProgramThatNeverBeginsIsMissed(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	g := newGuard(at(0))
	if _, restart, _ := g.decide(at(601)); restart != "boxd" {
		t.Error("boxd never spoke and is not started again")
	}
	if feed, _, _ := g.decide(at(1202)); feed {
		t.Error("boxd never spoke, was started again, never spoke, and the watchdog is fed")
	}
}

func TestHealthIsSignsInARowSinceBoxdBegan(t *testing.T) {
	healthy := 0
	w := &watcher{guard: newGuard(time.Now()), ready: func() {}, healthy: func() { healthy++ }}
	for range 3 { // it begins, lives for a while, ends
		w.hear(sign{program: "boxd", ready: true, alive: true})
		for range steady - 1 {
			w.hear(sign{program: "boxd", alive: true})
			w.hear(sign{program: "vipd", alive: true})
		}
	}
	if healthy != 0 {
		t.Error("a boxd that does not last is healthy")
	}
	if w.hear(sign{program: "boxd", alive: true}); healthy != 1 {
		t.Error("a boxd that lasts is not healthy")
	}
}

func TestDrillsNeedTheBenchsWord(t *testing.T) {
	for cmdline, want := range map[string]drill{
		"quiet argss.wedge=boxd argss.patience=9s":             {"", trialPatience},
		"argss.benchmark argss.wedge=boxd":                     {"", trialPatience},
		"quiet argss.bench argss.wedge=boxd argss.patience=9s": {"boxd", 9 * time.Second},
		"argss.bench argss.patience=-1s":                       {"", trialPatience},
	} {
		if got := parseDrill(cmdline); got != want {
			t.Errorf("%s: %+v", cmdline, got)
		}
	}
}

func TestProgramsThatDoNotLastAreStartedLessOften(t *testing.T) {
	var b backoff
	var total time.Duration
	for range 20 {
		total += b.after(0)
	}
	if last := b.after(0); last != longest || total < 2*time.Minute {
		t.Errorf("20 crashes wait %v, the next %v", total, last)
	}
	if pause := b.after(lasted); pause != shortest {
		t.Errorf("after a long run the pause is %v", pause)
	}
	if longest >= guarded[0].Every {
		t.Error("a program being started again would be missed")
	}
}

func TestSignsAreThoseOfSystemd(t *testing.T) {
	for text, want := range map[string]sign{
		"READY=1":                    {ready: true, alive: true},
		"STATUS=x\nWATCHDOG=1\n":     {alive: true},
		"WATCHDOG=trigger":           {},
		"":                           {},
		"WATCHDOG_USEC=1\nREADY=1\n": {ready: true, alive: true},
	} {
		if got := parseSign(text); got != want {
			t.Errorf("%q is %+v, want %+v", text, got, want)
		}
	}
}

func TestOnlyDeadOrphansAreBuried(t *testing.T) {
	for stat, want := range map[string]bool{
		"7 (a) Z 1 7": true, "7 (a) Z 2 7": false, "7 (a) S 1 7": false,
		"7 (:) Z 1) S 9 7": false, "7 (a b) Z 1 7": true, "": false, "7 (a)": false,
	} {
		if got := deadChild(stat); got != want {
			t.Errorf("%q: %v", stat, got)
		}
	}
}
