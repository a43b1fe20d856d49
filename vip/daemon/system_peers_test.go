//go:build system

package daemon_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/argss/argss/vip/labtest"
)

// ucarp starts the real one; it never sends less than one advert a second.
func (b *box) ucarp(skew string, more ...string) *labtest.Process {
	b.t.Helper()
	dir := b.t.TempDir()
	script := func(name, verb string) string {
		path := filepath.Join(dir, name)
		text := fmt.Sprintf("#!/bin/sh\nexec ip address %s %s/32 dev eth0\n", verb, shared)
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			b.t.Fatal(err)
		}
		return path
	}
	return b.Start("ucarp", append(more, "-z", "-i", "eth0", "-s", b.source, "-v", "7", "-p", phrase, "-a", shared,
		"-b", "1", "-k", skew, "-u", script("up", "add"), "-d", script("down", "del"), "-f", "none")...)
}

func TestSystemUcarpYieldsToUsAndTakesOverWhenWeLeave(t *testing.T) {
	for _, profile := range []string{"normal", "compatible"} {
		t.Run(profile, func(t *testing.T) {
			lab := labtest.New(t)
			theirs, ours := newBox(t, lab, 1), newBox(t, lab, 2)
			theirs.ucarp("100")
			theirs.holds(true)
			// A compatible box leaves a healthy master alone, so a worse one joins it.
			if profile == "compatible" {
				ours.begin("-profile", profile)
				ours.is("backup")
				ours.vipd.Terminate()
				second := newBox(t, lab, 3)
				second.begin("-profile", "normal")
				second.holds(true)
				theirs.holds(false)
				ours.begin("-profile", profile)
				second.vipd.Terminate()
				single(t, ours, theirs)
				return
			}
			ours.begin("-profile", profile)
			ours.holds(true)
			theirs.holds(false)
			ours.vipd.Terminate()
			ours.holds(false)
			theirs.holds(true)
		})
	}
}

func TestSystemWeTakeOverFromAKilledUcarp(t *testing.T) {
	lab := labtest.New(t)
	theirs, ours := newBox(t, lab, 1), newBox(t, lab, 2)
	ucarp := theirs.ucarp("0")
	theirs.holds(true)
	ours.begin("-profile", "compatible", "-skew", "100")
	ours.is("backup")
	theirs.Tap().Record(2, isCARP) // so one at least was heard after we began to listen
	if ours.Has(shared) {
		t.Error("we took the address from a healthy ucarp")
	}
	ucarp.Kill()
	ours.holds(true)
	ours.vipd.Expect(`reason="silence from 10.77.0.1"`)
}

// ucarp knows no demotion; it must see it in the skew. With nobody to speak for
// it, our box is demoted.
func TestSystemUnwellBoxLosesToUcarp(t *testing.T) {
	lab := labtest.New(t)
	theirs, ours := newBox(t, lab, 1), newBox(t, lab, 2)
	ours.begin("-profile", "compatible", "-control", ours.socket)
	ours.holds(true)
	theirs.ucarp("200", "-P")
	theirs.holds(true)
	ours.holds(false)
	ours.vipd.Expect(`reason="10.77.0.1 is demoted by 0, this box by 200"`)
}

func TestSystemKeepalivedWithOurIDIsNamedAndDisturbsNobody(t *testing.T) {
	for version, interval := range map[string]string{"2": "1", "3": "0.1"} {
		t.Run("VRRP "+version, func(t *testing.T) {
			lab := labtest.New(t)
			one, two := newBox(t, lab, 1), newBox(t, lab, 2)
			one.begin(one.peers(2)...)
			one.holds(true)
			two.begin(two.peers(2)...)
			two.is("backup")
			router := newBox(t, lab, 3)
			dir := t.TempDir()
			conf := filepath.Join(dir, "conf")
			text := fmt.Sprintf("global_defs {\n vrrp_version %s\n}\nvrrp_instance x {\n state BACKUP\n interface eth0\n virtual_router_id 7\n priority 150\n advert_int %s\n virtual_ipaddress {\n 10.77.0.200/24\n }\n}\n", version, interval)
			if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			router.Start("keepalived", "-n", "-l", "-f", conf, "-p", filepath.Join(dir, "p"), "-r", filepath.Join(dir, "v"))
			labtest.Wait(t, "keepalived to hold its address", func() bool { return router.Has("10.77.0.200") })
			for _, b := range []*box{one, two} {
				b.vipd.Expect("a VRRP group has our id: choose another one")
			}
			if single(t, one, two) != one || one.changes() != 2 || two.changes() != 1 || !router.Has("10.77.0.200") {
				t.Errorf("the two groups disturb each other: %d and %d changes of state, want 2 and 1", one.changes(), two.changes())
			}
			if n := strings.Count(one.vipd.Log(), "a VRRP group has our id"); n != 1 {
				t.Errorf("said %d times, want once", n)
			}
		})
	}
}
