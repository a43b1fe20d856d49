package pid1

import (
	"testing"
	"time"
)

func TestTheWatchdogIsFedOnlyWhileEveryProgramGivesSigns(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	d := newDeadman(90 * time.Second)
	if p := d.silent(at(10_000)); p != "" {
		t.Errorf("%q is missed before it ever spoke", p)
	}
	d.alive("boxd", at(0))
	d.alive("vipd", at(0))
	d.alive("vipd", at(80))
	if p := d.silent(at(90)); p != "" {
		t.Errorf("%q is missed within its deadline", p)
	}
	if p := d.silent(at(91)); p != "boxd" {
		t.Errorf("missed is %q, want boxd: vipd spoke", p)
	}
	d.alive("boxd", at(92))
	if p := d.silent(at(93)); p != "" {
		t.Errorf("%q is missed after it came back", p)
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
	if longest >= signDeadline {
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
