package disks

import (
	"testing"
	"time"
)

func TestJudgeTakesTheWorstReason(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	well := Observation{At: now, Free: 1 << 39}
	for name, c := range map[string]struct {
		change func(*Observation)
		want   Grade
		code   string
	}{
		"well":            {func(*Observation) {}, Good, ""},
		"never seen":      {func(o *Observation) { o.At = time.Time{} }, Unknown, "stale"},
		"seen long ago":   {func(o *Observation) { o.At = now.Add(-Stale - 1) }, Unknown, "stale"},
		"room not known":  {func(o *Observation) { o.Free = -1 }, Unknown, "space"},
		"little room":     {func(o *Observation) { o.Free = LowSpace - 1 }, Watch, "space"},
		"full":            {func(o *Observation) { o.Free = NoSpace - 1 }, Failed, "full"},
		"refused a write": {func(o *Observation) { o.WriteError = "input/output error"; o.Damaged = 3 }, Failed, "write-error"},
		"damage":          {func(o *Observation) { o.Damaged = 1 }, Watch, "damage"},
	} {
		o := well
		c.change(&o)
		v := Judge(o, now)
		if v.Grade != c.want {
			t.Errorf("%s: got %s, want %s", name, v.Grade, c.want)
		}
		if c.code != "" && (len(v.Reasons) == 0 || v.Reasons[0].Code != c.code || v.Reasons[0].Text == "") {
			t.Errorf("%s: reasons are %+v, want %s first", name, v.Reasons, c.code)
		}
	}
}
