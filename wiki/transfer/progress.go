package transfer

import (
	"fmt"
	"sync"
	"time"
)

// Progress is how far an import has come.
type Progress struct {
	Done, Total       int   // pages and files
	Bytes, TotalBytes int64 // of their contents
	Elapsed           time.Duration
	Waiting           string // why nothing moves at the moment, or ""
}

// Rate returns pages and files per second.
func (p Progress) Rate() float64 { return rate(float64(p.Done), p.Elapsed) }

// ByteRate returns bytes per second.
func (p Progress) ByteRate() float64 { return rate(float64(p.Bytes), p.Elapsed) }

func rate(n float64, in time.Duration) float64 {
	if in <= 0 {
		return 0
	}
	return n / in.Seconds()
}

// Left estimates the time to the end, 0 while there is nothing to go by.
func (p Progress) Left() time.Duration {
	if p.Done == 0 {
		return 0
	}
	left := float64(p.Elapsed) / float64(p.Done) * float64(p.Total-p.Done)
	return time.Duration(left).Round(time.Second)
}

// String says it in one line.
func (p Progress) String() string {
	s := fmt.Sprintf("%d of %d, %.0f/s, %s/s, %v left", p.Done, p.Total, p.Rate(), size(p.ByteRate()), p.Left())
	if p.Waiting != "" {
		s += "; waiting: " + p.Waiting
	}
	return s
}

func size(bytes float64) string {
	switch {
	case bytes >= 1e9:
		return fmt.Sprintf("%.1f GB", bytes/1e9)
	case bytes >= 1e6:
		return fmt.Sprintf("%.1f MB", bytes/1e6)
	case bytes >= 1e3:
		return fmt.Sprintf("%.0f kB", bytes/1e3)
	}
	return fmt.Sprintf("%.0f bytes", bytes)
}

// progressEvery is how often progress is told.
const progressEvery = 250 * time.Millisecond

// meter counts for Progress. It is safe for concurrent use.
type meter struct {
	tell  func(Progress)
	now   func() time.Time
	start time.Time

	mu   sync.Mutex
	p    Progress
	told time.Time
}

func newMeter(plan Plan, o Options) *meter {
	m := &meter{tell: o.Progress, now: o.Now, start: o.Now()}
	m.told = m.start
	m.p.Total = len(plan.Items)
	for _, i := range plan.Items {
		m.p.TotalBytes += i.Size
	}
	return m
}

// done counts an item that was dealt with.
func (m *meter) done(bytes int64) {
	m.change(func(p *Progress) {
		p.Done++
		p.Bytes += bytes
		p.Waiting = ""
	})
}

// waiting notes why nothing moves.
func (m *meter) waiting(why string) { m.change(func(p *Progress) { p.Waiting = why }) }

func (m *meter) change(f func(*Progress)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f(&m.p)
	now := m.now()
	m.p.Elapsed = now.Sub(m.start)
	if m.tell == nil || m.p.Done < m.p.Total && now.Sub(m.told) < progressEvery {
		return
	}
	m.told = now
	m.tell(m.p)
}

func (m *meter) elapsed() time.Duration { return m.now().Sub(m.start) }
