package appliance

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/argss/argss/appliance/dashboard"
	"github.com/argss/argss/appliance/settings"
	"github.com/argss/argss/disks"
)

// twinWear is how worn the wiki's disks in the other boxes of this city are:
// those that were bought together with this one.
type twinWear struct {
	mu   sync.Mutex
	wear map[string]int // by box, in percent
}

func (w *twinWear) set(box string, percent int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.wear == nil {
		w.wear = map[string]int{}
	}
	w.wear[box] = percent
}

// reasons compares a disk with its twins.
func (w *twinWear) reasons(o disks.Observation) []disks.Reason {
	own, known := o.Wear()
	if !known {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var worst []disks.Reason
	for _, other := range w.wear {
		if r := disks.TwinWear(own, other); len(r) > 0 {
			worst = r
		}
	}
	return worst
}

// Wear moves by a percent in weeks; the first look is soon, so that a new pair
// hears of it on its first day.
const (
	compareFirst = 15 * time.Second
	compareEvery = 6 * time.Hour
)

// compareWear asks the boxes of this city how worn their disks are, until ctx
// ends.
func (b *Box) compareWear(ctx context.Context) error {
	client := &http.Client{Transport: b.parts.HTTP(), Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	timer := time.NewTimer(compareFirst)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		for _, p := range b.settings.Peers {
			if p.City != b.settings.City {
				continue
			}
			if percent, err := wearOf(ctx, client, p); err == nil {
				b.twinWear.set(p.Name, percent)
			}
		}
		timer.Reset(compareEvery)
	}
}

// longestStatus bounds what a box may say of itself.
const longestStatus = 4 << 20

func wearOf(ctx context.Context, client *http.Client, p settings.Peer) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+"/status.json", nil)
	if err != nil {
		return 0, fmt.Errorf("ask %s for its wear: %w", p.Name, err)
	}
	answer, err := client.Do(r)
	if err != nil {
		return 0, fmt.Errorf("ask %s for its wear: %w", p.Name, err)
	}
	defer answer.Body.Close()
	var s dashboard.Status
	if err := json.NewDecoder(io.LimitReader(answer.Body, longestStatus)).Decode(&s); err != nil {
		return 0, fmt.Errorf("read the wear of %s: %w", p.Name, err)
	}
	for _, d := range s.Disks {
		if wear, known := d.Signals[disks.Wear]; d.Data && known && wear <= 1000 {
			return int(wear), nil
		}
	}
	return 0, fmt.Errorf("%s does not tell its wear", p.Name)
}
