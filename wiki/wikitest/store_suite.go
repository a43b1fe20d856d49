package wikitest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/argss/argss/wiki"
)

// TestStore checks every promise of wiki.Store against Memory. open returns an
// empty store; the suite closes it.
func TestStore(t *testing.T, open func(t *testing.T) wiki.Store) {
	for name, test := range map[string]func(*testing.T, wiki.Store){
		"EmptyAnswersLikeTheOracle":      func(t *testing.T, s wiki.Store) { Compare(t, s, NewMemory("oracle")) },
		"AddingAgainChangesNothing":      storeAddAgain,
		"BatchIsDurableTogether":         storeBatch,
		"CancelledAddHarmsNobody":        storeCancelled,
		"ConcurrentAddsAllArrive":        storeConcurrent,
		"ErasureDropsBodies":             storeErasure,
		"ErasureBeforeRevision":          storeErasureFirst,
		"ErasedArrivesWithItsRecord":     storeErasedArrives,
		"LowestOfTwoRecordsCounts":       storeTwoRecords,
		"EraseRecordsCannotBeErased":     storeEraseErase,
		"FeedPagesThrough":               storePaging,
		"ShapeFollowsExistence":          storeShape,
		"OtherPagesChildLeavesHeadAlone": storeForeignChild,
		"OneSaveIsFoundByItsToken":       storeSaves,
		"WaitWakes":                      storeWait,
		"NotesAreKept":                   storeNotes,
		"ClosedStoreRefuses":             storeClosed,
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			defer s.Close()
			test(t, s)
		})
	}
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("AnswersLikeTheOracle/seed", seed), func(t *testing.T) {
			s := open(t)
			defer s.Close()
			storeOracle(t, s, seed)
		})
	}
	t.Run("OrderOfArrivalDoesNotMatter", func(t *testing.T) { storeOrder(t, open) })
}

func add(t testing.TB, s wiki.Store, revisions ...wiki.Revision) wiki.Seq {
	t.Helper()
	seq, err := s.Add(context.Background(), revisions...)
	if err != nil {
		t.Fatalf("add: %v", err)
	}
	return seq
}

// both adds to a store and to a fresh oracle, which it returns.
func both(t *testing.T, s wiki.Store, batches ...[]wiki.Revision) *Memory {
	t.Helper()
	oracle := NewMemory("oracle")
	for i, batch := range batches {
		if got, want := add(t, s, batch...), add(t, oracle, batch...); got != want {
			t.Errorf("batch %d: sequence %d, want %d", i, got, want)
		}
	}
	return oracle
}

func storeOracle(t *testing.T, s wiki.Store, seed uint64) {
	g := NewGenerator(seed)
	revisions := g.Revisions(160)
	revisions = append(revisions, revisions[:20]...)
	if seed%2 == 1 {
		revisions = g.Shuffle(revisions)
	}
	Compare(t, s, both(t, s, g.Batches(revisions)...))
}

// storeOrder compares what does not depend on sequence numbers.
func storeOrder(t *testing.T, open func(t *testing.T) wiki.Store) {
	g := NewGenerator(99)
	revisions := g.Revisions(120)
	a, b := open(t), open(t)
	defer a.Close()
	defer b.Close()
	add(t, a, revisions...)
	add(t, b, g.Shuffle(revisions)...)
	compareProofs(t, a, b, b.Since(0, everything))
	same(t, "pages", a.Pages("", "", everything), b.Pages("", "", everything))
	for _, r := range revisions {
		compareGet(t, a, b, r.ID)
		same(t, "heads", idsOf(a.Heads(r.Header.Page)), idsOf(b.Heads(r.Header.Page)))
	}
}

func idsOf(entries []wiki.Entry) []wiki.ID {
	var ids []wiki.ID
	for _, e := range entries {
		ids = append(ids, e.ID)
	}
	return ids
}

func storeAddAgain(t *testing.T, s wiki.Store) {
	g := NewGenerator(1)
	revisions := g.Revisions(10)
	first := add(t, s, revisions...)
	digest, _ := s.Digest()
	if again := add(t, s, revisions...); again != first {
		t.Errorf("adding again gave sequence %d, first %d", again, first)
	}
	if seq := add(t, s, revisions[2]); seq != 3 {
		t.Errorf("the third revision has sequence %d", seq)
	}
	if seq := add(t, s); seq != 0 {
		t.Errorf("adding nothing gave sequence %d", seq)
	}
	if after, count := s.Digest(); after != digest || count != 10 || s.Latest() != 10 {
		t.Errorf("the set changed: %d revisions, latest %d", count, s.Latest())
	}
}

func storeBatch(t *testing.T, s wiki.Store) {
	g := NewGenerator(2)
	a, b := g.Edit("A", "a"), g.Edit("B", "b")
	oracle := both(t, s, []wiki.Revision{a, b, a, b}, []wiki.Revision{g.Edit("A", "c", a.ID), a})
	Compare(t, s, oracle)
}

func storeCancelled(t *testing.T, s wiki.Store) {
	g := NewGenerator(3)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Add(ctx, g.Edit("A", "never")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled add: %v", err)
	}
	Compare(t, s, both(t, s, g.Revisions(5)))
}

func storeConcurrent(t *testing.T, s wiki.Store) {
	g := NewGenerator(4)
	revisions := g.Revisions(200)
	byID := map[wiki.ID]wiki.Revision{}
	for _, r := range revisions {
		byID[r.ID] = r
	}
	oracle := NewMemory("oracle")
	var writers sync.WaitGroup
	for part := range slices.Chunk(revisions, 10) {
		writers.Go(func() {
			for _, r := range part {
				seq, err := s.Add(context.Background(), r, revisions[0])
				if err != nil || seq == 0 {
					t.Errorf("add: %d, %v", seq, err)
				}
				if got, err := s.Get(r.ID); err != nil || got.ID != r.ID {
					t.Errorf("get what was just added: %v", err)
				}
			}
		})
	}
	writers.Wait()
	for _, e := range s.Since(0, everything) { // the order was the scheduler's
		if seq := add(t, oracle, byID[e.ID]); seq != e.Seq {
			t.Fatalf("sequence %d, want %d without gaps", e.Seq, seq)
		}
	}
	if s.Latest() != 200 {
		t.Errorf("latest is %d, want 200", s.Latest())
	}
	Compare(t, s, oracle)
}

func storeErasure(t *testing.T, s wiki.Store) {
	g := NewGenerator(5)
	a := g.Edit("A", "secret")
	b := g.Edit("A", "public", a.ID)
	record := g.Erasure("Other", a.ID, wiki.HashOf([]byte("not held")))
	oracle := both(t, s, []wiki.Revision{a, b}, []wiki.Revision{record}, []wiki.Revision{a})
	got, err := s.Get(a.ID)
	if err != nil || got.Body != nil || got.Erased == nil || got.Erased.ID != record.ID {
		t.Errorf("erased revision: %s, %v", got.Document(), err)
	}
	Compare(t, s, oracle)
}

func storeErasureFirst(t *testing.T, s wiki.Store) {
	g := NewGenerator(6)
	a := g.Edit("A", "secret")
	record := g.Erasure("A", a.ID)
	Compare(t, s, both(t, s, []wiki.Revision{record}, []wiki.Revision{a, g.Edit("A", "next", a.ID)}))
}

func storeErasedArrives(t *testing.T, s wiki.Store) {
	g := NewGenerator(7)
	a, b := g.Edit("A", "secret"), g.Edit("B", "also secret")
	record := g.Erasure("A", a.ID, b.ID)
	bareA, err := a.WithoutBody(record)
	must(t, err)
	bareB, err := b.WithoutBody(record)
	must(t, err)
	Compare(t, s, both(t, s, []wiki.Revision{bareA}, []wiki.Revision{b}, []wiki.Revision{a, bareB, record}))
}

func storeTwoRecords(t *testing.T, s wiki.Store) {
	g := NewGenerator(8)
	a, b := g.Edit("A", "secret"), g.Edit("B", "secret")
	records := []wiki.Revision{g.Erasure("A", a.ID, b.ID), g.Erasure("B", a.ID, b.ID)}
	slices.SortFunc(records, func(x, y wiki.Revision) int { return y.ID.Compare(x.ID) })
	bare, err := b.WithoutBody(records[0])
	must(t, err)
	oracle := both(t, s, []wiki.Revision{a}, records[:1], []wiki.Revision{bare}, records[1:])
	for _, r := range []wiki.Revision{a, b} {
		if got, err := s.Get(r.ID); err != nil || got.Erased == nil || got.Erased.ID != records[1].ID {
			t.Errorf("%s does not carry the lowest record: %v", r.Header.Page, err)
		}
	}
	Compare(t, s, oracle)
}

func storeEraseErase(t *testing.T, s wiki.Store) {
	g := NewGenerator(9)
	first := g.Erasure("A", g.Edit("A", "secret").ID)
	second := g.Erasure("A", first.ID)
	Compare(t, s, both(t, s, []wiki.Revision{second, first}))
	if got, err := s.Get(first.ID); err != nil || got.Body == nil {
		t.Errorf("an erase record lost its body: %v", err)
	}
}
