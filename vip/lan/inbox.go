package lan

import (
	"sync"
	"sync/atomic"

	"github.com/argss/argss/vip"
)

const (
	inboxSize = 512
	// newsRoom stays free of adverts, so that what happens to the link itself is
	// never thrown away.
	newsRoom = 32
)

// inbox is the queue that Inputs shows.
type inbox struct {
	mu     sync.Mutex
	closed bool
	inputs chan vip.Input
	lost   atomic.Uint64
}

// give queues an input, or throws it away when nobody reads.
func (i *inbox) give(in vip.Input) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed {
		return
	}
	room := cap(i.inputs) - len(i.inputs)
	if _, heard := in.(vip.Heard); heard {
		room -= newsRoom
	}
	if room <= 0 {
		i.lost.Add(1)
		return
	}
	i.inputs <- in
}

func (i *inbox) close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.closed {
		i.closed = true
		close(i.inputs)
	}
}
