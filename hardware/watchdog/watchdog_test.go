package watchdog

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

var parts = []Part{
	{Name: "vipd", Every: 5 * time.Second, Start: 30 * time.Second},
	{Name: "boxd", Every: 20 * time.Second, Start: 60 * time.Second},
}

func TestSilenceOfAnyPartEndsTheFeeding(t *testing.T) {
	began := time.Now()
	at := func(s int) time.Time { return began.Add(time.Duration(s) * time.Second) }
	for _, c := range []struct {
		name   string
		vipd   []int // seconds of its reports
		boxd   []int
		now    int
		silent []string
	}{
		{"nobody has begun, and has time", nil, nil, 30, nil},
		{"one has not begun in time", nil, []int{40}, 45, []string{"vipd"}},
		{"both report", []int{10, 14}, []int{10}, 19, nil},
		{"the exact limit is no fault", []int{10}, []int{10}, 15, nil},
		{"one is stuck", []int{10}, []int{15}, 16, []string{"vipd"}},
		{"both are stuck", []int{10}, []int{10}, 60, []string{"vipd", "boxd"}},
		{"one that was stuck goes on", []int{10, 40}, []int{30}, 41, nil},
		{"reports that arrive out of order", []int{40, 10}, []int{30}, 41, nil},
	} {
		d := New(parts, began)
		for _, s := range c.vipd {
			d.Progress("vipd", at(s))
		}
		for _, s := range c.boxd {
			d.Progress("boxd", at(s))
		}
		d.Progress("somebody", at(c.now))
		got := d.Decide(at(c.now))
		if diff := cmp.Diff(c.silent, got.Silent); diff != "" || got.Feed != (c.silent == nil) || (got.Reason == "") != got.Feed {
			t.Errorf("%s: %+v\n%s", c.name, got, diff)
		}
	}
}

// board is a fake watchdog that remembers when it would have reset the box.
type board struct {
	most    int // the longest timeout it takes
	timeout time.Duration
	fed     time.Time
	magic   bool
	closed  bool
	fails   error
}

func (b *board) SetTimeout(seconds int) (int, error) {
	if b.fails != nil {
		return 0, b.fails
	}
	b.timeout, b.fed = time.Duration(min(seconds, b.most))*time.Second, time.Now()
	return min(seconds, b.most), nil
}
func (b *board) Write(p []byte) (int, error) {
	b.fed, b.magic = time.Now(), strings.Contains(string(p), "V")
	return len(p), nil
}
func (b *board) Close() error { b.closed = true; return nil }
func (b *board) reset() bool  { return !(b.closed && b.magic) && time.Since(b.fed) > b.timeout }

func TestBoxIsResetOnceAPartIsWedged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &board{most: 15}
		timer, err := arm(b, time.Minute)
		if err != nil || timer.Timeout() != 15*time.Second {
			t.Fatalf("timeout %v, %v", timer.Timeout(), err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		progress := make(chan string)
		go Run(ctx, timer, New(parts, time.Now()), progress, slog.New(slog.NewTextHandler(io.Discard, nil)))
		for range 200 {
			progress <- "vipd"
			progress <- "boxd"
			time.Sleep(3 * time.Second)
			if b.reset() {
				t.Fatal("a healthy box was reset")
			}
		}
		for range 15 { // boxd is wedged, vipd goes on
			progress <- "vipd"
			time.Sleep(3 * time.Second)
		}
		if !b.reset() {
			t.Error("a wedged box was not reset")
		}
	})
}

func TestOnlyTheMagicCloseDisarms(t *testing.T) {
	b := &board{most: 15}
	timer, err := arm(b, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if timer.Feed(); b.magic {
		t.Error("feeding disarms")
	}
	if err := timer.Disarm(); err != nil || !b.magic || !b.closed {
		t.Errorf("disarm: %v, %+v", err, b)
	}
}

func TestWatchdogThatTakesNoTimeoutIsDisarmed(t *testing.T) {
	b := &board{fails: errors.New("not supported")}
	if _, err := arm(b, time.Second); err == nil || !b.magic || !b.closed {
		t.Errorf("got %v, %+v", err, b)
	}
}
