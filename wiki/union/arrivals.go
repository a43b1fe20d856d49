package union

import (
	"sync"
	"time"
)

// arrivals remembers when each peer last pushed something here. The feed of a
// peer that pushes tells of revisions which are on their way already, and
// fetching those as well would send everything twice.
type arrivals struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func (a *arrivals) note(box string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.last == nil {
		a.last = map[string]time.Time{}
	}
	a.last[box] = time.Now()
}

// lately tells whether a push came within the last second.
func (a *arrivals) lately(box string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	last, known := a.last[box]
	return known && time.Since(last) < time.Second
}
