package led

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// drawn is the first seconds of a state, a sign each 100 ms.
func drawn(s State, signs int) string {
	var b strings.Builder
	for i := range signs {
		if on, _ := s.At(time.Duration(i) * 100 * ms); on {
			b.WriteByte('#')
		} else {
			b.WriteByte('.')
		}
	}
	return b.String()
}

func TestStatesAreToldApartByRhythm(t *testing.T) {
	for state, want := range map[State]string{
		Well:      "###############...............###############",
		Starting:  "#############################################",
		FindMe:    "#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.#.#",
		Updating:  "##.##..........##.##..........##.##..........",
		Attention: "##..##..##......######..######..######......##..##..##..................##..##",
	} {
		if got := drawn(state, len(want)); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", state, got, want)
		}
	}
}

func TestMostPressingStateIsShown(t *testing.T) {
	for _, c := range []struct {
		hold []State
		want State
	}{
		{nil, Well}, {[]State{Updating, Well}, Updating}, {[]State{Updating, Attention}, Attention}, {[]State{FindMe, Attention}, FindMe},
	} {
		if got := Say(c.hold...); got != c.want {
			t.Errorf("%v: got %v", c.hold, got)
		}
	}
}

// lamp remembers how long it was lit.
type lamp struct {
	lit      time.Duration
	since    time.Time
	on       bool
	switches int
}

func (l *lamp) Switch(on bool) error {
	if l.on {
		l.lit += time.Since(l.since)
	}
	l.on, l.since = on, time.Now()
	l.switches++
	return nil
}

func TestLightFollowsTheState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, states := &lamp{}, make(chan State)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); Run(ctx, l, states) }()
		states <- Well
		before := l.lit
		time.Sleep(30 * time.Second)
		states <- Well // said again, it does not begin again
		time.Sleep(30*time.Second + ms)
		cancel()
		<-done
		if lit := l.lit - before; lit < 28*time.Second || lit > 32*time.Second || l.switches > 45 {
			t.Errorf("in a minute of %v lit %v with %d switches", Well, lit, l.switches)
		}
	})
}

func TestLampIsTakenFromItsTrigger(t *testing.T) {
	folder := t.TempDir()
	for name, content := range map[string]string{"trigger": "[mmc0]", "brightness": "0"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Switch(true); err != nil {
		t.Fatal(err)
	}
	trigger, _ := os.ReadFile(filepath.Join(folder, "trigger"))
	brightness, _ := os.ReadFile(filepath.Join(folder, "brightness"))
	if string(trigger) != "none" || string(brightness) != "1" {
		t.Errorf("trigger %q, brightness %q", trigger, brightness)
	}
	if _, err := Open(filepath.Join(folder, "none")); err == nil {
		t.Error("a lamp that is not there opens")
	}
}
