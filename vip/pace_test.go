package vip

import (
	"net/netip"
	"testing"
	"time"
)

// follower is a backup that is told when it hears its master, and tells how
// much silence it then allows.
type follower struct {
	m   *Machine
	now time.Duration
}

const ms = time.Millisecond

func newFollower(patience time.Duration) *follower {
	f := &follower{m: New(Config{VHID: 7, Source: netip.MustParseAddr("10.0.0.2"), Skew: 3, Patience: patience})}
	f.m.Step(0, LinkUp{})
	return f
}

// hear lets times adverts come, each after a silence, and returns the silence
// that is allowed after the last.
func (f *follower) hear(silence time.Duration, times int) (deadline time.Duration) {
	for range times {
		f.now += silence
		h := Heard{Advert: Advert{VHID: 7, Skew: 3}, From: netip.MustParseAddr("10.0.0.1")}
		_, deadline = f.m.Step(f.now, h)
	}
	return deadline - f.now
}

func TestUnsteadyMasterIsGrantedMoreAndASteadyOneNot(t *testing.T) {
	dead := Config{Skew: 3}.DeadTime()
	f := newFollower(100 * ms)
	for _, c := range []struct {
		what    string
		silence time.Duration
		times   int
		want    time.Duration
	}{
		{"a steady master", 11 * ms, 100, dead},
		{"two odd moments", 30 * ms, 2, dead},
		{"unsteady", 30 * ms, 1, 60 * ms},
		{"more so", 45 * ms, 3, 90 * ms},
		{"almost dead, up to the limit", 80 * ms, 3, 100 * ms},
		{"still remembered after a minute", 10 * ms, 5900, 100 * ms},
		{"forgotten after two", 10 * ms, 6200, dead},
	} {
		if got := f.hear(c.silence, c.times); got != c.want {
			t.Errorf("%s: %v of silence is allowed, want %v", c.what, got, c.want)
		}
	}
}

func TestTakeoverThatWasAMistakeIsLearntAtOnce(t *testing.T) {
	f := newFollower(100 * ms)
	f.hear(11*ms, 10)
	_, deadline := f.m.Step(f.now, Tick{})
	f.m.Step(deadline, Tick{})
	f.m.Step(deadline, Taken{})
	if f.m.State() != Master {
		t.Fatalf("state %v", f.m.State())
	}
	if got, dead := f.hear(40*ms, 1), (Config{Skew: 3}).DeadTime(); f.m.State() != Backup || got < 80*ms || got < dead {
		t.Errorf("%v, and %v of silence is allowed, want a backup and at least 80 ms", f.m.State(), got)
	}
}

func TestMasterThatReturnsFromTheDeadIsNotUnsteady(t *testing.T) {
	f := newFollower(100 * ms)
	f.hear(11*ms, 10)
	f.now += 5 * time.Second
	f.m.Step(f.now, LinkDown{})
	f.m.Step(f.now, LinkUp{})
	if got, dead := f.hear(11*ms, 3), (Config{Skew: 3}).DeadTime(); got != dead {
		t.Errorf("%v of silence is allowed, want %v", got, dead)
	}
}

func TestPatienceIsOffUnlessAskedFor(t *testing.T) {
	f := newFollower(0)
	f.hear(11*ms, 10)
	if got, dead := f.hear(30*ms, 10), (Config{Skew: 3}).DeadTime(); got != dead {
		t.Errorf("%v of silence is allowed, want %v", got, dead)
	}
}
