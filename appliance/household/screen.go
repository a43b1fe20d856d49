package household

import (
	"fmt"
	"io"
	"sync"
)

// screen prints lines and, on a terminal, below them one line that changes. It
// is safe for concurrent use.
type screen struct {
	out     io.Writer
	columns func() int // 0: not a terminal, and no line that changes

	mu     sync.Mutex
	status string
}

// linef prints a line to stay.
func (s *screen) linef(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
	fmt.Fprintf(s.out, format+"\n", args...)
	s.draw()
}

// show replaces the line that changes; "" takes it away.
func (s *screen) show(status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if status == s.status {
		return
	}
	s.erase()
	s.status = status
	s.draw()
}

const eraseLine = "\r\x1b[K"

func (s *screen) erase() {
	if s.status != "" && s.columns() > 0 {
		fmt.Fprint(s.out, eraseLine)
	}
}

// draw writes as much as fits: what wraps cannot be erased.
func (s *screen) draw() {
	columns := s.columns()
	if s.status == "" || columns <= 1 {
		return
	}
	runes := []rune(s.status)
	fmt.Fprint(s.out, string(runes[:min(len(runes), columns-1)]))
}
