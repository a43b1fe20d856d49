package machine

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Line is a line that a box said.
type Line struct {
	At   time.Time
	Text string
}

// maxLine and maxLines bound what a mad box can make the bench remember.
const (
	maxLine  = 4 << 10
	maxLines = 100_000
)

// Serial is everything a box said. What happened to the box stands between, in
// double angle brackets.
type Serial struct {
	mu    sync.Mutex
	lines []Line
	part  []byte
	gone  int           // lines dropped from the front
	more  chan struct{} // closed when a line comes
}

func newSerial() *Serial { return &Serial{more: make(chan struct{})} }

// Write takes what the box says.
func (s *Serial) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range b {
		if c != '\n' {
			s.part = append(s.part, c)
		}
		if c == '\n' || len(s.part) == maxLine {
			s.add(string(bytes.TrimRight(s.part, "\r")))
			s.part = s.part[:0]
		}
	}
	return len(b), nil
}

func (s *Serial) mark(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add("<< " + text + " >>")
}

func (s *Serial) add(text string) {
	s.lines = append(s.lines, Line{time.Now(), text})
	if len(s.lines) > maxLines { // many at once: each time costs the length of what stays
		over := maxLines / 4
		s.lines, s.gone = append([]Line(nil), s.lines[over:]...), s.gone+over
	}
	close(s.more)
	s.more = make(chan struct{})
}

// Mark is a place on the line: what is said from now on comes after it.
func (s *Serial) Mark() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gone + len(s.lines)
}

// WaitFor waits for a line after a mark that matches.
func (s *Serial) WaitFor(ctx context.Context, mark int, pattern *regexp.Regexp) (Line, error) {
	for {
		s.mu.Lock()
		for mark = max(mark, s.gone); mark < s.gone+len(s.lines); mark++ {
			if l := s.lines[mark-s.gone]; pattern.MatchString(l.Text) {
				s.mu.Unlock()
				return l, nil
			}
		}
		more := s.more
		s.mu.Unlock()
		select {
		case <-ctx.Done():
			return Line{}, fmt.Errorf("wait for the serial line to say %q: %w; it said at last:\n%s", pattern, ctx.Err(), s.Last(20))
		case <-more:
		}
	}
}

// Last is the last n lines, and what was said of the next.
func (s *Serial) Last(n int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, l := range s.lines[max(0, len(s.lines)-n):] {
		fmt.Fprintf(&b, "%s %s\n", l.At.Format("15:04:05.000"), strings.ToValidUTF8(l.Text, "?"))
	}
	b.Write(bytes.ToValidUTF8(s.part, []byte("?")))
	return b.String()
}
