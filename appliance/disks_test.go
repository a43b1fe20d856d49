package appliance_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/argss/argss/appliance"
	"github.com/argss/argss/disks"
	"github.com/argss/argss/disks/diskstest"
	"github.com/argss/argss/disks/probe"
)

// worrying is a prober whose disk gets worse when it is told to.
type worrying struct {
	mu sync.Mutex
	diskstest.Machine
}

func (w *worrying) List() ([]disks.Disk, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.Machine.List()
}

func (w *worrying) Ask(d disks.Disk, wake bool, now time.Time) (disks.Observation, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.Machine.Ask(d, wake, now)
}

func (w *worrying) change(f func(*disks.Health)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f(w.Disks["nvme0n1"].Observation.NVMe)
}

func newWorrying() *worrying {
	return &worrying{Machine: diskstest.Machine{Disks: map[string]*diskstest.Fake{"nvme0n1": {Observation: disks.Observation{
		Disk: disks.Disk{Kind: disks.NVMe, Model: "Model", Serial: "S1", Bytes: 1 << 39},
		NVMe: &disks.Health{Temperature: 40, AvailableSpare: 100, AvailableSpareThreshold: 10, PercentageUsed: 82},
	}}}}}
}

func startWatched(t *testing.T, w *realWorld, name string, p *worrying) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := w.choices[name]
	s.Peers = slices.Clone(s.Peers)
	for i := range s.Peers {
		s.Peers[i].City = s.City
	}
	parts := appliance.RealParts(s.Data, slog.New(slog.DiscardHandler))
	parts.Disks.Prober, parts.Disks.Messages = p, nil
	parts.Disks.Mount = func() (probe.Mount, bool) { return probe.Mount{Disk: "nvme0n1"}, true }
	box := appliance.New(s, parts)
	done := make(chan error, 1)
	go func() { done <- box.Run(ctx) }()
	select {
	case <-box.Ready():
	case err := <-done:
		t.Fatal(err)
	}
	w.stops[name] = func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestAFailingDiskMovesTheAddressAndIsToldOnThePage(t *testing.T) {
	w := newRealWorld(t)
	one, two := newWorrying(), newWorrying()
	startWatched(t, w, "wichita-1", one)
	startWatched(t, w, "wichita-2", two)
	w.start("tulsa")
	agree(t, w, boxes...)
	first := holder(t, w)
	sick := map[string]*worrying{"wichita-1": one, "wichita-2": two}[first]
	sick.change(func(h *disks.Health) { h.CriticalWarning = disks.WarnReliability })
	started := time.Now()
	until(t, w, func() string {
		s, err := status(w, w.shared())
		if err == nil && s.Box == first {
			err = fmt.Errorf("%s still answers, its disk is %s", first, s.Disk.Grade)
		}
		if err != nil {
			return err.Error()
		}
		return ""
	})
	t.Logf("the address moved %v after the warning", time.Since(started).Round(100*time.Millisecond))
	s, err := status(w, w.url(first))
	if err != nil || s.Disk.Grade != disks.Failed || len(s.Disks) != 1 || !strings.Contains(s.Disks[0].Sentence, "failing") {
		t.Fatalf("%v %+v", err, s.Disk)
	}
	if page := must(t, w, 200, "GET", w.url(first)+"/status", "").body; !strings.Contains(page, "serial number S1") || !strings.Contains(page, "says that it is failing") {
		t.Error("the page does not tell")
	}
}

func TestTwinsThatWearOutTogetherAreToldOnBothBoxes(t *testing.T) {
	w := newRealWorld(t)
	for i, name := range boxes[:2] {
		p := newWorrying()
		p.change(func(h *disks.Health) { h.PercentageUsed = uint8(60 + 3*i) })
		startWatched(t, w, name, p)
	}
	for _, name := range boxes[:2] {
		until(t, w, func() string {
			s, err := status(w, w.url(name))
			if err != nil {
				return err.Error()
			}
			for _, r := range s.Disk.Reasons {
				if r.Code == "twin-wear" {
					return ""
				}
			}
			return fmt.Sprintf("%s says %+v", name, s.Disk.Reasons)
		})
	}
}

func TestAnOwnerAcknowledgesAWornDisk(t *testing.T) {
	w := newRealWorld(t)
	p := newWorrying()
	startWatched(t, w, "tulsa", p)
	grade := func() string {
		s, err := status(w, w.url("tulsa"))
		if err != nil {
			return err.Error()
		}
		return s.Disk.Grade.String()
	}
	until(t, w, func() string {
		if g := grade(); g != "watch" {
			return "a disk worn by 82 % is " + g
		}
		return ""
	})
	if page := must(t, w, 200, "GET", w.url("tulsa")+"/status", "").body; !strings.Contains(page, "I know; tell me when it changes") || !strings.Contains(page, "82 % worn") {
		t.Error("the page has no button to acknowledge with")
	}
	resp, err := w.client().PostForm(w.url("tulsa")+"/status", url.Values{"do": {"acknowledge"}, "disk": {"Model-S1"}, "code": {"wear"}, "signal": {string(disks.Wear)}})
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%v %v", resp, err)
	}
	resp.Body.Close()
	until(t, w, func() string {
		if g := grade(); g != "good" {
			return "acknowledged, it is " + g
		}
		return ""
	})
	p.change(func(h *disks.Health) { h.PercentageUsed = 83 })
	until(t, w, func() string {
		if g := grade(); g != "watch" {
			return "worn further, it is " + g
		}
		return ""
	})
	must(t, w, 400, "POST", w.url("tulsa")+"/status", "do=format", "Content-Type", "application/x-www-form-urlencoded")
	must(t, w, 403, "POST", w.url("tulsa")+"/status", "do=scrub", "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "cross-site")
}
