package appliance

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/argss/argss/disks"
	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/store"
)

// observer keeps the latest health.
type observer struct {
	mu     sync.Mutex
	health Health
}

func (o *observer) set(h Health) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.health = h
}

func (o *observer) get() Health {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.health
}

// lookEvery is how often a box looks at itself.
const lookEvery = 500 * time.Millisecond

// watchHealth looks at the box and tells the holder of the shared address,
// and whoever watches over this program, what it is worth.
func (b *Box) watchHealth(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		h := Health{Disk: b.judgeDisk(time.Now()), Serving: true}
		b.health.set(h)
		if b.shared != nil {
			b.shared.demote(Demotion(h))
		}
		b.limp.look(b.spaces[wiki.Public.Name].exchange.Limp())
		b.tell("WATCHDOG=1") // the stores have answered
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// observe asks the stores and the file system about the disk.
func (b *Box) observe() disks.Observation {
	v := &disks.Volume{Free: -1}
	for _, s := range b.spaces {
		if err := s.store.Failure(); err != nil {
			v.WriteError = err.Error()
		}
		v.Damaged += waiting(s.store.Damaged())
	}
	if b.parts.NoDisk != "" {
		v.WriteError = b.parts.NoDisk
	}
	if free, err := b.files.Free(); err == nil {
		v.Free = int64(min(free, math.MaxInt64))
	}
	v.Damaged += len(b.blobs.Damaged())
	v.Repaired, _ = b.repairs.list()
	return disks.Observation{At: time.Now(), Volume: v}
}

// waiting counts the damage that waits to be repaired. A stretch of which
// nothing is known does not: what stood there comes back as everything does
// that this box lacks, and the stretch itself stays until its segment is
// written anew.
func waiting(all []store.Damage) (n int) {
	for _, d := range all {
		if !d.ID.IsZero() {
			n++
		}
	}
	return n
}
