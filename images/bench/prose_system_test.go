//go:build system

package bench

import (
	"context"
	"flag"
	"fmt"
	"testing"
	"time"
)

var (
	folder = flag.String("images", "../../bin", "`folder` with what make image made")
	pulls  = flag.Int("pulls", 3, "how often the power is pulled while saving")
	first  = flag.Uint64("seed", 1, "of the first power pull")
	boots  = flag.Int("boots", 1, "how often the time from power to the first page is measured")
)

// patience bounds a failure; it measures nothing.
var patience = flag.Duration("patience", 10*time.Minute, "how long to wait for what should take seconds")

// story is a world in a test: what does not hold ends it.
type story struct {
	*World
	t   *testing.T
	ctx context.Context
}

func tell(t *testing.T, plans ...Plan) *story {
	t.Helper()
	w, err := New(*folder, plans...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			for _, b := range w.Boxes {
				t.Logf("%s said at last:\n%s", b.Name(), b.Serial().Last(60))
			}
		}
		w.Close()
	})
	return &story{w, t, t.Context()}
}

func (s *story) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *story) until(what string, ask func() error) time.Duration {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, *patience)
	defer cancel()
	start := time.Now()
	if err := Until(ctx, ask); err != nil {
		s.t.Fatalf("%s: %v", what, err)
	}
	return time.Since(start)
}

// boot gives power to boxes and waits until each answers; it returns how long
// the last one took.
func (s *story) boot(boxes ...*Box) (took time.Duration) {
	s.t.Helper()
	for _, b := range boxes {
		s.must(b.PowerOn())
	}
	for _, b := range boxes {
		took += s.until(b.Name()+" to serve", func() error {
			_, err := s.Status(s.ctx, b.URL)
			return err
		})
	}
	return took
}

// holder is the box that answers at the shared address.
func (s *story) holder() (holder, other *Box) {
	s.t.Helper()
	var name string
	s.until("the twins to elect", func() error {
		st, err := s.Status(s.ctx, SharedURL)
		name = st.Box
		return err
	})
	for i, b := range s.Boxes[:2] {
		if b.Name() == name {
			return b, s.Boxes[1-i]
		}
	}
	s.t.Fatalf("%q holds the shared address", name)
	return nil, nil
}

func (s *story) pull(b *Box, seed uint64) {
	s.t.Helper()
	cut, err := b.PullPower(seed)
	s.must(err)
	s.t.Logf("%s: %v", b.Name(), cut)
}

func (s *story) save(url, page, text string) Receipt {
	s.t.Helper()
	var r Receipt
	s.until("a save of "+page, func() (err error) {
		r, err = s.Save(s.ctx, url, page, text)
		return err
	})
	return r
}

// saveOnTwo saves a new page until a receipt names two boxes, and returns its
// name. Before the twins have met, a save is acknowledged from one copy, and says
// so.
func (s *story) saveOnTwo(text string) (page string) {
	s.t.Helper()
	tries := 0
	s.until("a save with two copies", func() error {
		tries++
		page = fmt.Sprintf("Twice-%d", tries)
		r, err := s.Save(s.ctx, SharedURL, page, text)
		if err == nil && len(r.Copies) < 2 {
			err = fmt.Errorf("copies on %v only", r.Copies)
		}
		return err
	})
	return page
}

func (s *story) expect(url, page, text string) time.Duration {
	s.t.Helper()
	return s.until(page+" to be read at "+url, func() error {
		got, err := s.Read(s.ctx, url, page)
		if err == nil && got != text {
			err = fmt.Errorf("it says %q, not %q", got, text)
		}
		return err
	})
}

// agree waits until all boxes hold the same set.
func (s *story) agree() {
	s.t.Helper()
	s.until("the boxes to agree", func() error {
		var one Status
		for i, b := range s.Boxes {
			st, err := s.Status(s.ctx, b.URL)
			if err != nil {
				return err
			}
			if i == 0 {
				one = st
			}
			if st.Digest != one.Digest || st.Revisions != one.Revisions {
				return fmt.Errorf("%+v and %+v differ", one, st)
			}
		}
		return nil
	})
}
