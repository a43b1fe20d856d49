package disks

import (
	"strings"
	"testing"
	"time"
)

var today = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func well() Observation { return Observation{At: today, Volume: &Volume{Free: 1 << 39}} }

func TestJudgeTakesTheWorstReason(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Observation)
		want   Grade
		code   string
	}{
		"well":            {func(*Observation) {}, Good, ""},
		"never seen":      {func(o *Observation) { o.At = time.Time{} }, Unknown, "stale"},
		"seen long ago":   {func(o *Observation) { o.At = today.Add(-Stale - 1) }, Unknown, "stale"},
		"room not known":  {func(o *Observation) { o.Volume.Free = -1 }, Unknown, "space"},
		"little room":     {func(o *Observation) { o.Volume.Free = LowSpace - 1 }, Watch, "space"},
		"full":            {func(o *Observation) { o.Volume.Free = NoSpace - 1 }, Failed, "full"},
		"refused a write": {func(o *Observation) { o.Volume.WriteError = "input/output error"; o.Volume.Damaged = 3 }, Failed, "write-error"},
		"damage":          {func(o *Observation) { o.Volume.Damaged = 1 }, Watch, "damage"},
		"USB adapter":     {func(o *Observation) { o.Access = NoBridge }, Unknown, "no-smart"},
		"says nothing":    {func(o *Observation) { o.Access = Answered }, Unknown, "no-smart"},
	} {
		o := well()
		c.change(&o)
		v := Judge(o, nil, today)
		if v.Grade != c.want {
			t.Errorf("%s: got %s, want %s", name, v.Grade, c.want)
		}
		if c.code != "" && (len(v.Reasons) == 0 || v.Reasons[0].Code != c.code || v.Reasons[0].Text == "") {
			t.Errorf("%s: reasons are %+v, want %s first", name, v.Reasons, c.code)
		}
	}
}

func TestUnknownIsNeverGood(t *testing.T) {
	for _, a := range []Access{NoBridge, NoHealth, NoCard, NotAllowed, NoAnswer, Unsupported, Answered} {
		o := well()
		o.Access = a
		if v := Judge(o, nil, today); v.Grade != Unknown {
			t.Errorf("a disk with access %q is %s", a, v.Grade)
		}
	}
}

// The grade follows the odds, in both directions, whatever the count.
func TestGradesFollowThePublishedOdds(t *testing.T) {
	still := func(n uint64) Growth { return Growth{Base: n, Whole: true} }
	for s := range odds {
		last := Good
		for n := uint64(0); n < 3000; n++ {
			risk, _ := Odds(s, n)
			g := byOdds(s, n, Growth{Base: n}, Growth{Base: n})
			switch {
			case n > 0 && risk >= 0.5 && g != Replace, risk < 0.5 && g == Replace, n > 0 && risk >= 0.06 && g < Watch, risk < 0.06 && g != Good:
				t.Fatalf("%s %d: %s at odds of %.0f %%", s, n, g, risk*100)
			case byOdds(s, n, still(n), still(n)) > g:
				t.Fatalf("%s %d: standing still for a week makes it worse", s, n)
			case n > 1 && byOdds(s, n, Growth{Base: n - 1, More: 1}, Growth{Base: n - 1, More: 1}) < g:
				t.Fatalf("%s %d: growing makes it better", s, n)
			}
			if n > 3 && g < last && s != Uncorrectable {
				t.Fatalf("%s: %d is %s after %s", s, n, g, last)
			}
			last = g
		}
	}
}

func TestTwinsThatWearOutTogetherAreTold(t *testing.T) {
	for _, c := range []struct {
		own, twin int
		told      bool
	}{{60, 62, true}, {60, 55, true}, {60, 54, false}, {2, 3, false}, {95, 40, false}, {99, 104, true}} {
		reasons := TwinWear(c.own, c.twin)
		if got := len(reasons) > 0; got != c.told {
			t.Errorf("%d %% and %d %%: told %v", c.own, c.twin, got)
		}
		if c.told && !strings.Contains(reasons[0].Text, "wear out together") {
			t.Error(reasons[0].Text)
		}
	}
}

func verdict(code string, g Grade, mark uint64) Verdict {
	var v Verdict
	v.add(Reason{Code: code, Grade: g, Signal: Pending, Mark: mark, Text: "text"})
	return v
}

func TestAnAcknowledgedReasonIsQuietUntilItChanges(t *testing.T) {
	acks := Acknowledgements{}.Acknowledge(verdict("pending", Watch, 8).Reasons[0], today)
	for _, c := range []struct {
		v    Verdict
		want Grade
	}{
		{verdict("pending", Watch, 8), Good},
		{verdict("pending", Watch, 9), Watch},     // grew
		{verdict("pending", Replace, 8), Replace}, // graver
		{verdict("offline", Watch, 8), Watch},     // another
		{verdict("pending", Watch, 3), Good},      // fell
	} {
		got, _ := acks.Apply(c.v)
		if got.Grade != c.want || len(got.Reasons) != 1 {
			t.Errorf("%+v becomes %s", c.v.Reasons, got.Grade)
		}
	}
	if _, left := acks.Apply(verdict("pending", Watch, 3)); left[0].Mark != 3 {
		t.Errorf("a number that fell to 3 is acknowledged up to %d", left[0].Mark)
	}
	if _, left := acks.Apply(Verdict{}); len(left) > 0 {
		t.Error("a reason that went is still acknowledged")
	}
	if got := (Acknowledgements{}).Acknowledge(verdict("failing", Failed, 1).Reasons[0], today); len(got) > 0 {
		t.Error("a failed disk was acknowledged away")
	}
}

func TestAnAlarmIsToldOnceAndAgainOnChange(t *testing.T) {
	var a Alarms
	var news []Alarm
	told := func(v Verdict, at time.Time) int {
		a, news = a.Next("d", v, at)
		return len(news)
	}
	for i, step := range []struct {
		v     Verdict
		after time.Duration
		want  int
	}{
		{verdict("pending", Watch, 1), 0, 1},
		{verdict("pending", Watch, 1), time.Hour, 0},
		{verdict("pending", Watch, 2), 2 * time.Hour, 1},
		{Verdict{}, 3 * time.Hour, 0},
		{verdict("pending", Watch, 2), 4 * time.Hour, 0}, // flaps
		{verdict("pending", Replace, 2), 5 * time.Hour, 1},
		{Verdict{}, 40 * time.Hour, 1}, // over
		{verdict("pending", Watch, 1), 41 * time.Hour, 1},
	} {
		if got := told(step.v, today.Add(step.after)); got != step.want {
			t.Errorf("step %d: %d alarms, want %d", i, got, step.want)
		}
	}
}

func TestACountThatFellGrowsFromWhereItFell(t *testing.T) {
	h := History{
		{today.Add(-8 * Day), Values{MediumErrors: 500}},
		{today.Add(-2 * Day), Values{MediumErrors: 1}}, // the box was restarted
	}
	if g := h.Growth(MediumErrors, 4, today, Week); g.More != 3 {
		t.Errorf("grew by %d", g.More)
	}
}
