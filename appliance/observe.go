package appliance

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/argss/argss/disks"
	"github.com/argss/argss/wiki"
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

// watchHealth looks at the box and tells the agent what it is worth.
func (b *Box) watchHealth(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		h := Health{Disk: disks.Judge(b.observe(), time.Now()), Serving: true}
		b.health.set(h)
		if b.agent != nil {
			b.agent.Demote(Demotion(h))
		}
		b.limp.look(b.spaces[wiki.Public.Name].exchange.Limp())
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// observe asks the stores and the file system about the disk.
func (b *Box) observe() disks.Observation {
	o := disks.Observation{At: time.Now(), Free: -1}
	for _, s := range b.spaces {
		if err := s.store.Failure(); err != nil {
			o.WriteError = err.Error()
		}
		o.Damaged += len(s.store.Damaged())
	}
	if free, err := b.files.Free(); err == nil {
		o.Free = int64(min(free, math.MaxInt64))
	}
	return o
}
