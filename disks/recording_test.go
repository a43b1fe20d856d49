package disks_test

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/argss/argss/disks"
	"github.com/argss/argss/disks/diskstest"
	"github.com/argss/argss/disks/probe"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func recordings(t *testing.T) []diskstest.Recording {
	t.Helper()
	all, err := diskstest.Load(os.DirFS("testdata"))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// first is what is seen of the only disk of a tree.
func first(t *testing.T) func(fs.FS) disks.Observation {
	return func(sys fs.FS) disks.Observation {
		list, err := probe.List(sys)
		if err != nil || len(list) != 1 {
			t.Fatalf("%d disks in the tree, %v", len(list), err)
		}
		return probe.System{Sys: sys}.Passive(list[0])
	}
}

func judge(t *testing.T, r diskstest.Recording) disks.Verdict {
	t.Helper()
	o, err := r.Observation(now, first(t))
	if err != nil {
		t.Fatal(err)
	}
	return disks.Judge(o, r.History(now), now)
}

func TestRecordedDisksGetTheVerdictTheyDeserve(t *testing.T) {
	all := recordings(t)
	if len(all) < 60 {
		t.Fatalf("only %d recordings", len(all))
	}
	for _, r := range all {
		t.Run(r.Name, func(t *testing.T) {
			if r.Origin == "" || r.About == "" || !r.Recorded && !strings.Contains(r.Origin, "constructed") {
				t.Errorf("a recording names its origin, and a constructed one says so: %q", r.Origin)
			}
			v := judge(t, r)
			got := diskstest.Want{Grade: v.Grade, Codes: []string{}}
			for _, reason := range v.Reasons {
				got.Codes = append(got.Codes, reason.Code)
			}
			if diff := cmp.Diff(r.Want, got); diff != "" {
				t.Errorf("%s: (-want +got)\n%s%+v", r.About, diff, v.Reasons)
			}
		})
	}
}

func TestKnownFalseAlarmsNeverCondemnADisk(t *testing.T) {
	seen := 0
	for _, r := range recordings(t) {
		if !r.Harmless {
			continue
		}
		seen++
		if v := judge(t, r); v.Grade >= disks.Replace {
			t.Errorf("%s (%s): %s %+v", r.Name, r.About, v.Grade, v.Reasons)
		}
	}
	if seen < 20 {
		t.Errorf("only %d known false alarms are recorded", seen)
	}
}

// What an owner reads carries the number and what to do.
func TestEverySentenceIsCalmAndSaysWhatToDo(t *testing.T) {
	advice := []string{"eplace", "Nothing to do", "Nothing is lost", "Restart", "restart", "Reseat", "reseat", "air", "Plan", "Put ", "Keep", "Get a", "Let it", "cable", "goes on", "its host", "firmware", "fetched", "Remove", "no SMART", "power supply"}
	for _, r := range recordings(t) {
		for _, reason := range judge(t, r).Reasons {
			says := slices.ContainsFunc(advice, func(s string) bool { return strings.Contains(reason.Text, s) })
			if !says || strings.ContainsAny(reason.Text, "!\n") || strings.Contains(reason.Text, "%!") || len(reason.Text) > 220 {
				t.Errorf("%s: %q", r.Name, reason.Text)
			}
		}
	}
}
