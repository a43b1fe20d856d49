package monitor

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestTwinsNeverScrubInTheSameHour(t *testing.T) {
	for n := 2; n <= 12; n++ {
		var boxes []string
		for i := range n {
			boxes = append(boxes, fmt.Sprintf("box-%d-%d", n, i))
		}
		inUse := map[int64]string{}
		for _, self := range boxes {
			var others []string
			for _, b := range boxes {
				if b != self {
					others = append(others, b)
				}
			}
			at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			for range 3 {
				w := ScrubWindow(others, self, at)
				if w.End.Sub(w.Start) < time.Hour || w.Start.Sub(at) > week {
					t.Fatalf("%d boxes: window %v", n, w)
				}
				for h := w.Start; h.Before(w.End); h = h.Add(time.Hour) {
					if other, taken := inUse[h.Unix()/3600]; taken && other != self {
						t.Fatalf("%s and %s scrub in the same hour", self, other)
					}
					inUse[h.Unix()/3600] = self
				}
				at = w.End
			}
		}
	}
}

func TestAWindowContainsTheTimeItIsAskedForOrComesNext(t *testing.T) {
	for h := range 400 {
		at := time.Date(2026, 1, 1, 0, 30, 0, 0, time.UTC).Add(time.Duration(h) * time.Hour)
		if w := ScrubWindow([]string{"a"}, "b", at); !w.End.After(at) || w.Start.Sub(at) > week {
			t.Fatalf("at %v the window is %v", at, w)
		}
	}
}

// shelf has pieces of 1 MB.
type shelf struct{ pieces, read, begun int }

func (s *shelf) Name() string { return "shelf" }
func (s *shelf) Begin()       { s.begun++ }
func (s *shelf) Check(_ context.Context, after string) (string, int, int64, error) {
	n, _ := strconv.Atoi(after)
	s.read++
	if n+1 >= s.pieces {
		return "", 1, 1 << 20, nil
	}
	return strconv.Itoa(n + 1), 1, 1 << 20, nil
}

func TestAScrubKeepsItsRateItsWindowAndItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := &shelf{pieces: 50000}, &shelf{pieces: 3000}
		var saved Progress
		begin := time.Now().Add(time.Hour)
		busy := false
		make := func() *Scrub {
			return &Scrub{
				Shelves: []Shelf{a, b}, Idle: func() bool { return !busy }, Now: time.Now, Log: slog.New(slog.DiscardHandler),
				Load: func() Progress { return saved }, Save: func(p Progress) { saved = p },
				Window: func(now time.Time) Window {
					w := Window{begin, begin.Add(2 * time.Hour)}
					for !w.End.After(now) {
						w = Window{w.Start.Add(week), w.End.Add(week)}
					}
					return w
				},
			}
		}
		run := func(d time.Duration) {
			ctx, cancel := context.WithTimeout(t.Context(), d)
			defer cancel()
			if err := make().Run(ctx); err != nil {
				t.Fatal(err)
			}
		}
		run(59 * time.Minute)
		if a.read != 0 {
			t.Fatalf("read %d pieces before the window", a.read)
		}
		run(4 * time.Hour)
		if want := 2 * 3600 * 5; a.read < want*98/100 || a.read > want {
			t.Errorf("read %d MB in a window of two hours, want about %d", a.read, want)
		}
		run(week)
		if a.read != 50000 || b.read != 3000 || a.begun != 1 || saved.Finished.IsZero() || saved.Pieces != 53000 {
			t.Errorf("after another window: read %d and %d, begun %d, %+v", a.read, b.read, a.begun, saved)
		}
		busy = true
		run(week)
		if a.read != 50000 {
			t.Error("a busy disk was scrubbed")
		}
	})
}
