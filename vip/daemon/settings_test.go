package daemon

import (
	"errors"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func secret(t testing.TB, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCommandLineOfTheManualIsUnderstood(t *testing.T) {
	line := "-interface eth0 -source 10.77.0.1 -peer 10.77.0.2 -address 10.77.0.100/24 -address fd77::100 -vhid 7 -skew 2 -secret-file " + secret(t, "s3cret\n")
	var out strings.Builder
	s, err := Parse(strings.Fields(line), &out)
	if err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	got := []any{s.LAN.Interface, s.LAN.Source, s.LAN.Peers, s.LAN.Shared, s.LAN.VHID, s.LAN.Secret, s.Profile, s.Machine.Source, s.Machine.VHID}
	want := []any{
		"eth0", netip.MustParseAddr("10.77.0.1"), []netip.Addr{netip.MustParseAddr("10.77.0.2")},
		[]netip.Prefix{netip.MustParsePrefix("10.77.0.100/24"), netip.MustParsePrefix("fd77::100/128")},
		uint8(7), "s3cret", "normal", netip.MustParseAddr("10.77.0.1"), uint8(7),
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})); diff != "" {
		t.Error(diff)
	}
}

func TestProfilesKeepTheirPace(t *testing.T) {
	type pace struct{ interval, dead time.Duration }
	ms := func(x float64) time.Duration { return time.Duration(x * float64(time.Millisecond)) }
	for _, c := range []struct {
		flags string
		want  pace
		plain bool
	}{
		{"", pace{ms(11.71875), ms(35.15625)}, false},
		{"-skew 1", pace{ms(15.625), ms(46.875)}, false},
		{"-profile fast", pace{ms(3.90625), ms(15.625)}, false},
		{"-profile compatible -skew 128", pace{ms(1500), ms(3500)}, true},
	} {
		line := c.flags + " -interface eth0 -source 10.77.0.1 -address 10.77.0.100 -vhid 7 -secret-file " + secret(t, "s3cret")
		var out strings.Builder
		s, err := Parse(strings.Fields(line), &out)
		got := pace{s.Machine.Interval(), s.Machine.DeadTime()}
		if err != nil || got != c.want || s.LAN.Plain != c.plain {
			t.Errorf("%q: %+v, plain %v, %v; want %+v", c.flags, got, s.LAN.Plain, err, c.want)
		}
	}
}

func TestCommandLineThatCannotWorkIsRefused(t *testing.T) {
	good := map[string]string{
		"-interface": "eth0", "-source": "10.77.0.1", "-address": "10.77.0.100/24", "-vhid": "7", "-secret-file": secret(t, "s3cret"),
	}
	for _, change := range [][2]string{
		{"-interface", ""}, {"-source", ""}, {"-source", "x"}, {"-address", ""}, {"-address", "10.77.0.1"}, {"-address", "10.0.0.0/99"},
		{"-address", "224.0.0.5"}, {"-vhid", "0"}, {"-vhid", "256"}, {"-secret-file", ""}, {"-secret-file", "/does/not/exist"},
		{"-secret-file", secret(t, "")}, {"-secret-file", secret(t, strings.Repeat("x", 21))}, {"-profile", "slow"},
		{"-skew", "201"}, {"-skew", "-1"}, {"-peer", "10.77.0.1"}, {"-peer", "fd77::1"}, {"-unicast", ""}, {"more", ""},
	} {
		var args []string
		for flag, value := range good {
			if flag != change[0] {
				args = append(args, flag, value)
			}
		}
		args = append(args, change[0])
		if change[1] != "" {
			args = append(args, change[1])
		}
		var out strings.Builder
		if _, err := Parse(args, &out); err == nil || out.Len() == 0 {
			t.Errorf("%v was accepted (%v) or nothing said: %q", change, err, out.String())
		}
	}
	var out strings.Builder
	if _, err := Parse([]string{"-help"}, &out); !errors.Is(err, flag.ErrHelp) || !strings.Contains(out.String(), "-secret-file") {
		t.Errorf("help: %v, %q", err, out.String())
	}
}

func TestProgramIsFoundInMemory(t *testing.T) {
	maps := "00400000-00702000 r-xp 00000000 fe:00 123 /usr/bin/vipd\n" +
		"c000000000-c000400000 rw-p 00000000 00:00 0 \n" +
		"7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0 [stack]\n" +
		"00702000-00a31000 r--p 00302000 fe:00 123 /usr/bin/vipd\n"
	want := []mapping{{0x400000, 0x702000}, {0x702000, 0xa31000}}
	if diff := cmp.Diff(want, filesIn(maps), cmp.AllowUnexported(mapping{})); diff != "" {
		t.Error(diff)
	}
}
