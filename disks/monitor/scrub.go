package monitor

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Shelf is something that holds content under hashes.
type Shelf interface {
	// Name tells shelves apart.
	Name() string
	// Begin is called before a pass: what is read must come from the disk and
	// not from memory.
	Begin()
	// Check reads some pieces after a cursor ("": from the start) against their
	// hashes and returns the cursor of the last, "" at the end. What it finds
	// damaged is the shelf's to repair.
	Check(ctx context.Context, after string) (next string, pieces int, bytes int64, err error)
}

// Progress is how far the scrub has come. It is kept across restarts.
type Progress struct {
	Started  time.Time `json:"started"`  // of the pass that runs or ran last; zero: never
	Finished time.Time `json:"finished"` // of the last whole pass; zero: never
	Shelf    int       `json:"shelf"`    // where it goes on
	Cursor   string    `json:"cursor,omitempty"`
	Pieces   int       `json:"pieces"` // read in this pass
	Bytes    int64     `json:"bytes"`
	Running  bool      `json:"running"`
}

// Rate is how many bytes a second are read at most.
const Rate = 5 << 20

// Scrub reads every shelf once a week. All fields are required.
type Scrub struct {
	Shelves []Shelf
	Window  func(now time.Time) Window
	Idle    func() bool // nobody wants the disk at the moment
	Now     func() time.Time
	Load    func() Progress
	Save    func(Progress)
	Log     *slog.Logger

	mu       sync.Mutex
	progress Progress
	hurry    chan struct{}
	once     sync.Once
}

// Progress returns how far the scrub has come.
func (s *Scrub) Progress() Progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.progress
}

func (s *Scrub) wake() chan struct{} {
	s.once.Do(func() { s.hurry = make(chan struct{}, 1) })
	return s.hurry
}

// Start asks for a pass at once, whatever the window: an owner wants to know.
func (s *Scrub) Start() {
	select {
	case s.wake() <- struct{}{}:
	default:
	}
}

// breath is how often the scrub looks whether it may go on.
const breath = time.Minute

// Run scrubs in its windows until ctx ends.
func (s *Scrub) Run(ctx context.Context) error {
	s.set(s.Load())
	timer := time.NewTimer(breath)
	defer timer.Stop()
	for {
		urgent := false
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake():
			urgent = true
		case <-timer.C:
		}
		now := s.Now()
		if w := s.Window(now); urgent || !now.Before(w.Start) && s.due(w) {
			s.pass(ctx, urgent, w)
		}
		timer.Reset(breath)
	}
}

// due tells whether a window's pass is still to be done. A pass that is not
// finished goes on in the next window.
func (s *Scrub) due(w Window) bool {
	p := s.Progress()
	return p.Finished.Before(w.Start) || p.Started.After(p.Finished)
}

func (s *Scrub) set(p Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.progress = p
}

// pass reads the shelves from where the last pass stopped, or from the start.
func (s *Scrub) pass(ctx context.Context, urgent bool, w Window) {
	p := s.Progress()
	if urgent || !p.Started.After(p.Finished) || p.Shelf >= len(s.Shelves) {
		p = Progress{Started: s.Now(), Finished: p.Finished}
	}
	p.Running = true
	s.set(p)
	for p.Shelf < len(s.Shelves) && (urgent || s.Now().Before(w.End)) {
		if p.Cursor == "" {
			s.Shelves[p.Shelf].Begin()
		}
		if !s.step(ctx, &p, urgent) {
			break
		}
		s.set(p)
	}
	p.Running = false
	if p.Shelf >= len(s.Shelves) {
		p.Finished = s.Now()
		s.Log.Info("all content was read and checked", "pieces", p.Pieces, "bytes", p.Bytes, "since", p.Started)
	}
	s.set(p)
	s.Save(p)
}

// step checks some pieces and waits as long as they should have taken.
func (s *Scrub) step(ctx context.Context, p *Progress, urgent bool) bool {
	for !urgent && !s.Idle() {
		if !rest(ctx, time.Second) {
			return false
		}
	}
	start := time.Now()
	next, pieces, bytes, err := s.Shelves[p.Shelf].Check(ctx, p.Cursor)
	if err != nil {
		s.Log.Warn("content could not be checked; it is tried again", "shelf", s.Shelves[p.Shelf].Name(), "error", err)
		return false
	}
	p.Pieces += pieces
	p.Bytes += bytes
	if p.Cursor = next; next == "" {
		p.Shelf++
	}
	if urgent {
		return ctx.Err() == nil
	}
	return rest(ctx, time.Duration(bytes)*time.Second/Rate-time.Since(start))
}

func rest(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
