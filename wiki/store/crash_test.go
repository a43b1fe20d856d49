package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/wikitest"
)

// ledger is what a client knows: what it handed in and what was acknowledged.
type ledger struct {
	submitted map[wiki.ID]wiki.Revision
	acked     map[wiki.ID]wiki.Seq
	erased    []wiki.ID // by acknowledged records
	wiped     []string  // texts that must be gone from the disk
}

func newLedger() *ledger {
	return &ledger{submitted: map[wiki.ID]wiki.Revision{}, acked: map[wiki.ID]wiki.Seq{}}
}

// add adds a batch and keeps book.
func (l *ledger) add(s *Store, revisions ...wiki.Revision) error {
	for _, r := range revisions {
		l.submitted[r.ID] = r
	}
	if _, err := s.Add(context.Background(), revisions...); err != nil {
		return err
	}
	for _, r := range revisions {
		e, err := s.Entry(r.ID)
		if err != nil {
			return fmt.Errorf("acknowledged and not found: %w", err)
		}
		l.acked[r.ID] = e.Seq
		if r.Header.Kind == wiki.Erase {
			l.erased = append(l.erased, r.Body.Erasure.Erases...)
		}
	}
	return nil
}

// check compares a reopened store with the book: all that was acknowledged is
// there under its number, nothing was invented, and the index says of the set
// what the oracle says.
func (l *ledger) check(t *testing.T, s *Store) {
	t.Helper()
	for id, seq := range l.acked {
		if e, err := s.Entry(id); err != nil || e.Seq != seq {
			t.Errorf("acknowledged %s as %d, found %d: %v", id.Short(), seq, e.Seq, err)
		}
	}
	for _, id := range l.erased {
		if r, err := s.Get(id); err == nil && r.Body != nil {
			t.Errorf("%s has its body back", id.Short())
		}
	}
	oracle := wikitest.NewMemory("oracle")
	for _, e := range s.Since(0, 1<<20) {
		submitted, ok := l.submitted[e.ID]
		if !ok {
			t.Fatalf("%s was never handed in", e.ID.Short())
		}
		add(t, oracle, submitted)
		if r, err := s.Get(e.ID); err != nil || r.ID != e.ID || r.Body != nil && !r.Equal(submitted) {
			t.Errorf("read %s: %v", e.ID.Short(), err)
		}
	}
	l.compare(t, s, oracle)
	if d := s.Damaged(); len(d) > 0 {
		t.Errorf("a power cut counts as damage: %+v", d)
	}
}

func (l *ledger) compare(t *testing.T, s *Store, oracle *wikitest.Memory) {
	t.Helper()
	digest, count := s.Digest()
	if want, n := oracle.Digest(); digest != want || count != n {
		t.Errorf("digest %s of %d, want %s of %d", digest.Short(), count, want.Short(), n)
	}
	if diff := cmp.Diff(oracle.Pages("", "", 100), s.Pages("", "", 100)); diff != "" && len(s.Pages("", "", 100))+len(oracle.Pages("", "", 100)) > 0 {
		t.Error(diff)
	}
	for _, r := range l.submitted {
		if diff := cmp.Diff(headsOf(oracle, r.Header.Page), headsOf(s, r.Header.Page)); diff != "" {
			t.Error(diff)
		}
	}
}

func headsOf(s wiki.Store, page string) string {
	text := ""
	for _, e := range s.Heads(page) {
		text += e.ID.Short() + " "
	}
	return text
}

// draws counts the random sources handed out: no two stores get one identity.
var draws atomic.Uint64

// crashOptions keep background work out of the script, so that a run makes the
// same calls every time.
func crashOptions() Options {
	return Options{
		SegmentBytes: 6 << 10, Reserve: -1, WipeDelay: time.Hour, FlushEvery: time.Hour,
		Random: seededReader{seeded(draws.Add(1))},
	}
}

type seededReader struct{ rng interface{ Uint32() uint32 } }

func (r seededReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r.rng.Uint32())
	}
	return len(p), nil
}

// script is a store's life in short: saves, batches, a segment's end, an
// erasure and its rewriting, a restart, a new identity. It ends with the first
// error, which is the power cut.
func script(t *testing.T, files wiki.Files, l *ledger) error {
	g := wikitest.NewGenerator(21)
	s, err := Open(files, crashOptions())
	if err != nil {
		return err
	}
	defer func() { s.Close() }()
	secret := g.Edit("A", "a secret that must go")
	steps := [][]wiki.Revision{{secret}, g.Revisions(3), g.Revisions(1), g.Revisions(6), {g.Edit("A", "next", secret.ID)}}
	for _, batch := range steps {
		if err := l.add(s, batch...); err != nil {
			return err
		}
	}
	if err := l.add(s, g.Erasure("A", secret.ID)); err != nil {
		return err
	}
	if err := s.Wipe(context.Background()); err != nil {
		return err
	}
	l.wiped = append(l.wiped, "a secret that must go")
	for _, batch := range [][]wiki.Revision{g.Revisions(2), g.Revisions(9)} {
		if err := l.add(s, batch...); err != nil {
			return err
		}
	}
	s.Close()
	if s, err = Open(files, crashOptions()); err != nil {
		return err
	}
	if _, err := s.Renew(); err != nil {
		return err
	}
	return l.add(s, append(g.Revisions(2), secret)...)
}

// after checks the store on a found disk, goes on with it and crashes again.
func (l *ledger) after(t *testing.T, found *wikitest.Disk, seed uint64) {
	t.Helper()
	s := reopen(t, found, crashOptions())
	l.check(t, s)
	for _, text := range l.wiped {
		if names := found.Search(text); len(names) > 0 {
			t.Errorf("wiped bytes came back in %v", names)
		}
	}
	more := wikitest.NewGenerator(1000 + seed)
	must(t, l.add(s, more.Revisions(2)...))
	l.check(t, s)
	again := found.Crash(seeded(seed))
	s.Close()
	s = reopen(t, again, crashOptions())
	l.check(t, s)
	must(t, s.Wipe(context.Background()))
	l.check(t, s)
	s.Close()
}

func TestNothingAcknowledgedIsLostWhereverThePowerFails(t *testing.T) {
	images := 0
	for n := 1; ; n++ {
		disk, l := wikitest.NewDisk(), newLedger()
		disk.CutAfter(n)
		err := script(t, disk, l)
		for seed := range uint64(10) {
			book := l.clone()
			t.Run(fmt.Sprintf("cut%d/seed%d", n, seed), func(t *testing.T) {
				book.after(t, disk.Image(seeded(seed)), seed)
			})
			images++
		}
		if err == nil {
			break
		}
	}
	if images < 500 {
		t.Errorf("only %d crash images: the script has become short", images)
	}
	t.Logf("%d crash images", images)
}

func (l *ledger) clone() *ledger {
	c := newLedger()
	for id, r := range l.submitted {
		c.submitted[id] = r
	}
	for id, seq := range l.acked {
		c.acked[id] = seq
	}
	c.erased, c.wiped = slices.Clone(l.erased), slices.Clone(l.wiped)
	return c
}

var errKilled = errors.New("the process was killed")

// A killed process, or one whose sync failed, leaves unsynced bytes in the
// kernel's cache: the next one reads them as if they were on the disk, and must
// not acknowledge them before they are.
func TestKilledProcessLeavesNothingHalfAcknowledged(t *testing.T) {
	for n := 1; ; n++ {
		disk, l := wikitest.NewDisk(), newLedger()
		disk.Hook(func(op wikitest.Op) error {
			if op.N >= n {
				return errKilled
			}
			return nil
		})
		err := script(t, disk, l)
		disk.Hook(nil)
		t.Run(fmt.Sprint("killed", n), func(t *testing.T) {
			s := reopen(t, disk, crashOptions())
			l.check(t, s)
			for _, e := range s.Since(0, 1<<20) { // a client asks for each again
				must(t, l.add(s, l.submitted[e.ID]))
			}
			found := disk.Crash(seeded(uint64(n)))
			s.Close()
			l.check(t, reopen(t, found, crashOptions()))
		})
		if err == nil {
			break
		}
	}
}

// The n-th write or sync fails, once, and the disk works again. The store may
// refuse from then on, but must neither lose nor acknowledge wrongly.
func TestFailedWriteOrSyncIsNeverTakenForSuccess(t *testing.T) {
	for n := 1; ; n++ {
		disk, l := wikitest.NewDisk(), newLedger()
		disk.FailAfter(n, nil)
		err := script(t, disk, l)
		t.Run(fmt.Sprint("failed", n), func(t *testing.T) {
			l.after(t, disk.Crash(seeded(uint64(n))), uint64(n))
		})
		if err == nil {
			break
		}
	}
}
