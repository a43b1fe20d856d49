package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/wikitest"
)

// filled returns a closed store's disk and what it holds.
func filled(t *testing.T, n int) (*wikitest.Disk, []wiki.Revision) {
	t.Helper()
	disk := wikitest.NewDisk()
	s := reopen(t, disk, crashOptions())
	revisions := wikitest.NewGenerator(31).Revisions(n)
	for part := range slices.Chunk(revisions, 4) {
		add(t, s, part...)
	}
	s.Close()
	return disk, revisions
}

func inLog(name string) bool { return strings.HasPrefix(name, logFolder) }

// readable counts the revisions that read, and fails on a wrong one.
func readable(t *testing.T, s *Store, revisions []wiki.Revision) (good int) {
	t.Helper()
	for _, r := range revisions {
		got, err := s.Get(r.ID)
		switch {
		case errors.Is(err, wiki.ErrDamaged) || errors.Is(err, wiki.ErrNotFound):
		case err != nil:
			t.Errorf("read %s: %v", r.ID.Short(), err)
		case got.ID != r.ID || got.Body != nil && !got.Equal(r):
			t.Errorf("wrong bytes were returned for %s", r.ID.Short())
		default:
			good++
		}
	}
	return good
}

func TestRotCostsOnlyWhatItHits(t *testing.T) {
	const total, flips = 60, 3
	for seed := range uint64(60) {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) {
			disk, revisions := filled(t, total)
			disk.FlipBits(seeded(seed), flips, inLog)
			s := reopen(t, disk, crashOptions())
			// An erase record that was hit hides what it erased, too; each has
			// at most three targets.
			if good := readable(t, s, revisions); good < total-flips*4 {
				t.Errorf("%d bits cost %d revisions", flips, total-good)
			}
			must(t, s.Repair(context.Background(), revisions...))
			if good := readable(t, s, revisions); good != total {
				t.Errorf("after the repair %d of %d read", good, total)
			}
			s.Close()
			s = reopen(t, disk, crashOptions())
			if good := readable(t, s, revisions); good != total {
				t.Errorf("after the repair and a restart %d of %d read", good, total)
			}
			if s.Latest() < total {
				t.Errorf("latest went back to %d", s.Latest())
			}
		})
	}
}

func TestRotWhileOpenIsFoundByVerifyAndRepairedInPlace(t *testing.T) {
	disk, revisions := filled(t, 40)
	s := reopen(t, disk, crashOptions())
	feed := s.Since(0, 100)
	disk.FlipBits(seeded(3), 4, inLog)
	for since := wiki.Seq(0); ; {
		next, err := s.Verify(context.Background(), since, 7)
		must(t, err)
		if next == since {
			break
		}
		since = next
	}
	damaged := s.Damaged()
	if len(damaged) == 0 {
		t.Fatal("nothing was found")
	}
	for _, d := range damaged {
		if _, err := s.Get(d.ID); !errors.Is(err, wiki.ErrDamaged) {
			t.Errorf("damaged %s: %v", d.ID.Short(), err)
		}
	}
	must(t, s.Repair(context.Background(), revisions...))
	if good := readable(t, s, revisions); good != 40 || len(s.Damaged()) > 0 {
		t.Errorf("%d of 40 read, still damaged: %+v", good, s.Damaged())
	}
	if diff := cmp.Diff(feed, s.Since(0, 100)); diff != "" {
		t.Errorf("repairing changed the feed: %s", diff)
	}
	s.Close()
	if diff := cmp.Diff(feed, reopen(t, disk, crashOptions()).Since(0, 100)); diff != "" {
		t.Errorf("reopening changed the feed: %s", diff)
	}
}

// overwrite puts bytes over a closed store's file.
func overwrite(t *testing.T, files wiki.Files, name string, offset int64, b []byte) {
	t.Helper()
	f, err := files.Open(name, false)
	must(t, err)
	_, err = f.WriteAt(b, offset)
	must(t, err)
	must(t, f.Sync())
	must(t, f.Close())
}

func TestDamagedRecordWithGoodHeaderIsKnownByItsID(t *testing.T) {
	disk := wikitest.NewDisk()
	options := Options{Reserve: -1}
	s := reopen(t, disk, options)
	g := wikitest.NewGenerator(1)
	a, b := g.Edit("A", "first"), g.Edit("B", "second")
	add(t, s, a)
	add(t, s, b)
	s.Close()
	overwrite(t, disk, segmentName(1), segmentHeader+recordHeader+20, []byte("rot"))
	s = reopen(t, disk, options)
	if _, err := s.Get(a.ID); !errors.Is(err, wiki.ErrDamaged) {
		t.Errorf("get: %v", err)
	}
	if d := s.Damaged(); len(d) != 1 || d[0].ID != a.ID || d[0].Seq != 1 {
		t.Errorf("damaged: %+v", d)
	}
	if missing := s.Missing([]wiki.ID{a.ID, b.ID}); len(missing) != 1 || missing[0] != a.ID {
		t.Errorf("missing: %v", missing)
	}
	if s.Latest() != 2 {
		t.Errorf("latest is %d", s.Latest())
	}
	if seq := add(t, s, a); seq != 3 {
		t.Errorf("what was unknown came back as %d, so that a peer's feed skips it", seq)
	}
	if len(s.Damaged()) != 0 || readable(t, s, []wiki.Revision{a, b}) != 2 {
		t.Error("adding did not repair")
	}
}

func TestTornBatchIsFilledAndLaterRecordsKept(t *testing.T) {
	disk := wikitest.NewDisk()
	options := Options{Reserve: -1}
	s := reopen(t, disk, options)
	g := wikitest.NewGenerator(2)
	add(t, s, g.Edit("A", "acknowledged"))
	torn := []wiki.Revision{g.Edit("B", "lost"), g.Edit("C", "kept")}
	add(t, s, torn...)
	e, _ := s.find(torn[0].ID)
	s.Close()
	overwrite(t, disk, segmentName(1), e.at.offset, make([]byte, e.at.length)) // the batch was the last
	for range 2 {
		s = reopen(t, disk, options)
		if len(s.Damaged()) != 0 || s.Latest() != 3 {
			t.Errorf("a torn write counts as damage: %+v, latest %d", s.Damaged(), s.Latest())
		}
		if readable(t, s, torn) != 1 {
			t.Error("the record behind the tear is gone")
		}
		s.Close()
	}
}

func TestDamageAtTheEndThatTheIndexKnowsIsNotCutOff(t *testing.T) {
	dir := t.TempDir()
	options := withIndex(dir, Options{Reserve: -1})
	s := reopen(t, Dir(dir), options)
	g := wikitest.NewGenerator(3)
	a := g.Edit("A", "the last one")
	add(t, s, a)
	s.Close()
	overwrite(t, Dir(dir), segmentName(1), segmentHeader+recordHeader+20, []byte("rot"))
	s = reopen(t, Dir(dir), options)
	if _, err := s.Get(a.ID); !errors.Is(err, wiki.ErrDamaged) {
		t.Errorf("get: %v", err)
	}
	if seq := add(t, s, g.Edit("A", "next")); seq != 2 {
		t.Errorf("the number of a damaged revision was given out again: %d", seq)
	}
	must(t, s.Repair(context.Background(), a))
	if e, err := s.Entry(a.ID); err != nil || e.Seq != 1 {
		t.Errorf("repaired as %d, %v", e.Seq, err)
	}
}

func TestDamagedSegmentHeaderCostsNoRecord(t *testing.T) {
	disk, revisions := filled(t, 40)
	for _, name := range disk.Names() {
		if inLog(name) {
			overwrite(t, disk, name, 0, []byte("rotten header"))
		}
	}
	s := reopen(t, disk, crashOptions())
	if good := readable(t, s, revisions); good != 40 {
		t.Errorf("%d of 40 read", good)
	}
	add(t, s, wikitest.NewGenerator(5).Edit("A", "goes on"))
}

func TestDamagedIndexIsRebuiltFromTheLog(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"missing": func(t *testing.T, path string) { must(t, os.Remove(path)) },
		"empty":   func(t *testing.T, path string) { must(t, os.Truncate(path, 0)) },
		"cut":     func(t *testing.T, path string) { cutFile(t, path, 0.6) },
		"stub":    func(t *testing.T, path string) { must(t, os.Truncate(path, 8192)) },
		"text":    func(t *testing.T, path string) { must(t, os.WriteFile(path, []byte("not an index"), 0o600)) },
		"metas":   func(t *testing.T, path string) { spoilFile(t, path, 0, 8192) },
		"pages":   func(t *testing.T, path string) { spoilFile(t, path, 8192, 1<<20) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			options := withIndex(dir, Options{Reserve: -1})
			s := reopen(t, Dir(dir), options)
			oracle := wikitest.NewMemory("oracle")
			revisions := wikitest.NewGenerator(41).Revisions(120)
			add(t, s, revisions...)
			add(t, oracle, revisions...)
			s.Close()
			spoil(t, options.IndexPath)
			s = reopen(t, Dir(dir), options)
			wikitest.Compare(t, s, oracle)
			s.Close()
			wikitest.Compare(t, reopen(t, Dir(dir), options), oracle)
		})
	}
}

func cutFile(t *testing.T, path string, part float64) {
	t.Helper()
	info, err := os.Stat(path)
	must(t, err)
	must(t, os.Truncate(path, int64(float64(info.Size())*part)))
}

// spoilFile overwrites a stretch of a file with noise, as far as it goes.
func spoilFile(t *testing.T, path string, from, to int) {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	rng := seeded(9)
	for i := from; i < min(to, len(b)); i++ {
		b[i] = byte(rng.Uint32())
	}
	must(t, os.WriteFile(path, b, 0o600))
}

// A bit that turns over in the index is found by the sum of the value it hit;
// or it hides something, or it is harmless. No answer is ever wrong.
func TestIndexRotNeverInventsAnything(t *testing.T) {
	for seed := range uint64(40) {
		dir := t.TempDir()
		options := withIndex(dir, Options{Reserve: -1})
		s := reopen(t, Dir(dir), options)
		revisions := wikitest.NewGenerator(51).Revisions(60)
		add(t, s, revisions...)
		want := s.Since(0, 100)
		if seed%2 == 0 {
			s.Close()
		} else {
			must(t, s.flush())
		}
		flipFileBits(t, options.IndexPath, seed, 20)
		if seed%2 == 0 {
			s = reopen(t, Dir(dir), options)
		}
		readable(t, s, revisions)
		for _, got := range s.Since(0, 100) {
			if diff := cmp.Diff(want[got.Seq-1], got); diff != "" {
				t.Errorf("seed %d: %s", seed, diff)
			}
		}
		s.Close()
	}
}

func TestIndexThatLostAnEntryIsRebuilt(t *testing.T) {
	dir := t.TempDir()
	options := withIndex(dir, Options{Reserve: -1})
	s := reopen(t, Dir(dir), options)
	revisions := wikitest.NewGenerator(52).Revisions(20)
	add(t, s, revisions...)
	s.Close()
	disk, err := openDiskIndex(options.IndexPath)
	must(t, err)
	var hole table
	hole.Set(idKey(keyEntry, revisions[7].ID), nil)
	must(t, disk.write(&hole))
	must(t, disk.close())
	if missing := reopen(t, Dir(dir), options).Missing([]wiki.ID{revisions[7].ID}); len(missing) > 0 {
		t.Error("the entry is gone although the log has the record")
	}
}

func TestNumbersAreNotGivenOutAgainAfterALostSegment(t *testing.T) {
	disk := wikitest.NewDisk()
	s := reopen(t, disk, Options{Reserve: -1})
	g := wikitest.NewGenerator(53)
	add(t, s, g.Revisions(9)...)
	must(t, s.seal(context.Background(), 1))
	s.Close()
	overwrite(t, disk, segmentName(1), segmentHeader, make([]byte, 100_000))
	s = reopen(t, disk, Options{Reserve: -1})
	if seq := add(t, s, g.Edit("A", "next")); seq != 10 {
		t.Errorf("the next revision is number %d, want 10", seq)
	}
}

func TestTornEndIsCutOff(t *testing.T) {
	disk, _ := filled(t, 3)
	file, err := disk.Open(segmentName(1), false)
	must(t, err)
	size, err := file.Size()
	must(t, err)
	overwrite(t, disk, segmentName(1), size, []byte(recordMagic+"the beginning of a record"))
	reopen(t, disk, crashOptions()).Close()
	if got, _ := file.Size(); got != size {
		t.Errorf("the log ends at %d, want %d", got, size)
	}
}

func flipFileBits(t *testing.T, path string, seed uint64, n int) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	must(t, err)
	defer f.Close()
	info, err := f.Stat()
	must(t, err)
	rng := seeded(seed)
	for range n {
		var b [1]byte
		at := rng.Int64N(info.Size())
		_, err = f.ReadAt(b[:], at)
		must(t, err)
		b[0] ^= 1 << rng.IntN(8)
		_, err = f.WriteAt(b[:], at)
		must(t, err)
	}
}

func TestIndexOfAnotherStoreOrTimeIsNotUsed(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	options := withIndex(one, Options{Reserve: -1})
	g := wikitest.NewGenerator(61)
	a := reopen(t, Dir(one), options)
	add(t, a, g.Edit("A", "one"))
	a.Close()
	early, err := os.ReadFile(filepath.Join(one, segmentName(1)))
	must(t, err)
	a = reopen(t, Dir(one), options)
	add(t, a, g.Edit("B", "two"))
	a.Close()

	// The log of the past under the index of today.
	must(t, os.WriteFile(filepath.Join(one, segmentName(1)), early, 0o600))
	a = reopen(t, Dir(one), options)
	if a.Latest() != 1 || len(a.Pages("", "", 9)) != 1 {
		t.Errorf("the index was believed: latest %d, pages %v", a.Latest(), a.Pages("", "", 9))
	}
	a.Close()

	b := reopen(t, Dir(two), options) // the other store's index
	if b.Latest() != 0 || len(b.Pages("", "", 9)) != 0 {
		t.Error("another store's index was believed")
	}
}
