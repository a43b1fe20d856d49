package mirror

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/argss/argss/wiki"
)

// keep is a disk's keeper, until ctx ends.
func (m *Store) keep(ctx context.Context, s *side) {
	tick := time.NewTicker(m.options.Every)
	defer tick.Stop()
	differed := false
	for {
		if m.opened(ctx, s) {
			m.heal(ctx, s)
			differed = m.level(ctx, s, differed)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.wake:
		}
	}
}

// opened opens a disk that is absent or failed, unless it leads.
func (m *Store) opened(ctx context.Context, s *side) bool {
	old := m.setOf(s)
	var failure error
	if old != nil {
		failure = old.Failure() // a hanging disk may hang here: nothing is locked
	}
	m.mu.Lock()
	broken := s != m.lead && (old == nil || failure != nil)
	if broken {
		s.set, s.state = nil, Absent
		if failure != nil {
			s.reason = failure
		}
	}
	m.mu.Unlock()
	if !broken || ctx.Err() != nil {
		return ctx.Err() == nil
	}
	if old != nil {
		_ = old.Close() // it failed, and has said why
	}
	fresh, err := s.Open()
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case err != nil:
		s.reason = err
		return false
	case m.closed:
		_ = fresh.Close()
		return false
	}
	s.set, s.state, s.have = fresh, Behind, 0
	m.options.Log.Info("a disk of this box is there again and is filled", "disk", s.Name)
	return fresh.Failure() == nil
}

// heal writes anew what does not read on a disk and does on another.
func (m *Store) heal(ctx context.Context, s *side) {
	set := m.setOf(s)
	for _, d := range set.Damaged() {
		if d.ID.IsZero() || ctx.Err() != nil {
			continue
		}
		for _, other := range m.sides {
			from := m.setOf(other)
			if other == s || from == nil {
				continue
			}
			r, err := from.Get(d.ID)
			if err == nil {
				err = set.Repair(ctx, r)
			}
			if err == nil {
				m.options.Log.Info("a damaged revision was repaired from the other disk", "disk", s.Name, "revision", d.ID.Short())
			}
		}
	}
}

func (m *Store) setOf(s *side) Set {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return s.set
}

// level makes a disk equal with the leading one. It tells whether they differ:
// a save under way is no reason to look closer, so it must be so twice.
func (m *Store) level(ctx context.Context, s *side, before bool) (differ bool) {
	lead, from, _ := m.leader()
	to := m.setOf(s)
	if s == lead {
		m.remember(from)
	}
	if s == lead || to == nil {
		return false
	}
	a, _ := from.Digest()
	b, have := to.Digest()
	m.mu.Lock()
	s.have = have
	equal, due := s.state == Equal, !time.Now().Before(s.rejoin)
	if equal && time.Since(s.rejoin) > 2*m.options.Penalty {
		s.penalty = 0
	}
	m.mu.Unlock()
	if equal && (a == b || !before) {
		return a != b
	}
	if err := m.even(ctx, from, to, s); err != nil {
		m.note(s, err)
		return true
	}
	if !equal && due {
		m.join(ctx, from, to, s)
	}
	return false
}

// turnNote holds how often the lead had gone over when this disk took it: at a
// start the last leader goes on, so that peers find the store they know.
const turnNote = "mirror/turn"

func (m *Store) remember(lead Set) {
	m.mu.RLock()
	turn := strconv.FormatUint(m.turns, 10)
	m.mu.RUnlock()
	if string(lead.Note(turnNote)) != turn {
		lead.SetNote(turnNote, []byte(turn))
	}
}

func turnOf(s Set) uint64 {
	turn, _ := strconv.ParseUint(string(s.Note(turnNote)), 10, 64)
	return turn
}

// note remembers why a disk is not equal.
func (m *Store) note(s *side, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s.reason = err
}

// even copies both ways.
func (m *Store) even(ctx context.Context, from, to Set, s *side) error {
	progress := func(n int) {
		m.mu.Lock()
		s.have += uint64(n)
		m.mu.Unlock()
	}
	if _, err := copyMissing(ctx, from, to, progress); err != nil {
		return err
	}
	_, err := copyMissing(ctx, to, from, nil)
	return err
}

// join lets saves go to a disk again. It is equal when it also has what was
// saved on the way there: saves that began without it must have ended before
// the disks are compared for the last time.
func (m *Store) join(ctx context.Context, from, to Set, s *side) {
	m.mu.Lock()
	if m.lead.set != from || s.set != to || s.state != Behind {
		m.mu.Unlock()
		return
	}
	s.state = joining
	before := m.writes
	m.writes = new(sync.WaitGroup)
	m.mu.Unlock()
	before.Wait()
	err := m.even(ctx, from, to, s)
	if err == nil { // it may have led before, and peers took leave of that store
		_, err = to.Renew()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if s.state != joining || m.lead.set != from {
		return
	}
	if err != nil {
		s.state, s.reason = Behind, err
		return
	}
	s.state, s.reason = Equal, nil
	m.options.Log.Info("the disks of this box are equal", "disk", s.Name)
}

var _ wiki.Store = (*Store)(nil)
