package mirror

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/argss/argss/wiki"
)

var errLate = errors.New("it is slower than the other disk")

// answer is what one disk says to a save.
type answer struct {
	*side
	seq wiki.Seq
	err error
}

// Add implements wiki.Adder. The sequence is the leading disk's.
func (m *Store) Add(ctx context.Context, revisions ...wiki.Revision) (wiki.Seq, error) {
	sides, sets, writes, err := m.begin()
	if err != nil {
		return 0, fmt.Errorf("add revisions: %w", err)
	}
	answers := make(chan answer, len(sides)) // has room for all: who is late bothers nobody
	for i, s := range sides {
		go func() {
			defer writes.Done()
			seq, err := sets[i].Add(ctx, revisions...)
			answers <- answer{s, seq, err}
		}()
	}
	return m.settle(sides, m.await(answers, len(sides)))
}

// begin returns the disks a save goes to.
func (m *Store) begin() (sides []*side, sets []Set, writes *sync.WaitGroup, err error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
		return nil, nil, nil, wiki.ErrClosed
	}
	for _, s := range m.sides {
		if s.writes() {
			sides, sets = append(sides, s), append(sets, s.set)
		}
	}
	m.writes.Add(len(sides))
	return sides, sets, m.writes, nil
}

// await returns the answers of all, or what is there when one disk has it and
// the others had their time.
func (m *Store) await(answers <-chan answer, n int) (got []answer) {
	var late <-chan time.Time
	for len(got) < n {
		select {
		case a := <-answers:
			got = append(got, a)
			if a.err == nil && late == nil && len(got) < n {
				timer := time.NewTimer(m.options.Patience)
				defer timer.Stop()
				late = timer.C
			}
		case <-late:
			return got
		}
	}
	return got
}

// settle draws the consequences: who has it is worth more than who has not.
func (m *Store) settle(asked []*side, got []answer) (wiki.Seq, error) {
	good := map[*side]answer{}
	failed := map[*side]error{}
	for _, s := range asked {
		failed[s] = errLate
	}
	for _, a := range got {
		if failed[a.side] = a.err; a.err == nil {
			good[a.side] = a
			delete(failed, a.side)
		}
	}
	m.mu.RLock()
	seq, led := good[m.lead], len(failed) == 0
	m.mu.RUnlock()
	if led && seq.side != nil {
		return seq.seq, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(good) == 0 {
		if err := failed[m.lead]; err != nil {
			return 0, err
		}
		return 0, errors.Join(got[0].err)
	}
	for s, err := range failed {
		m.fall(s, err)
	}
	if a, ok := good[m.lead]; ok {
		return a.seq, nil
	}
	for _, a := range good { // the leading disk has not got it and could not be replaced
		return 0, fmt.Errorf("%w: only disk %s took it, and that one lacks other revisions", wiki.ErrReadOnly, a.Name)
	}
	panic("a save was taken by some disk and by none")
}

// fall notes that a disk lacks something. If it led, an equal one leads. The
// caller holds mu.
func (m *Store) fall(s *side, why error) {
	if s.state != Equal && s.state != joining {
		return
	}
	if s == m.lead {
		if !m.pass() {
			return
		}
	}
	s.state, s.reason = Behind, why
	if errors.Is(why, errLate) {
		s.penalty = min(2*s.penalty+m.options.Every, m.options.Penalty)
		s.rejoin = time.Now().Add(s.penalty)
	}
	m.options.Log.Warn("a disk of this box fell behind: the other goes on alone", "disk", s.Name, "error", why)
	s.rouse()
}

// pass lets another equal disk lead, if there is one. The caller holds mu.
func (m *Store) pass() bool {
	for _, s := range m.sides {
		if s != m.lead && s.state == Equal && s.set != nil {
			m.options.Log.Info("another disk of this box leads", "disk", s.Name, "before", m.lead.Name)
			m.lead = s
			m.turns++
			close(m.moved)
			m.moved = make(chan struct{})
			return true
		}
	}
	return false
}
