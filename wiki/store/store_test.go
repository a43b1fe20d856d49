package store

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/wikitest"
)

// testLog shows a store's log where a test fails.
func testLog(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), nil))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 2)) }

// reopen opens a store and closes it with the test.
func reopen(t testing.TB, files wiki.Files, options Options) *Store {
	t.Helper()
	if options.Log == nil {
		options.Log = testLog(t)
	}
	s, err := Open(files, options)
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func add(t testing.TB, s wiki.Store, revisions ...wiki.Revision) wiki.Seq {
	t.Helper()
	seq, err := s.Add(context.Background(), revisions...)
	must(t, err)
	return seq
}

// withIndex puts the index beside the log in a real folder.
func withIndex(dir string, options Options) Options {
	options.IndexPath = filepath.Join(dir, "index", "index.bolt")
	return options
}

func TestDirIsFiles(t *testing.T) {
	wikitest.TestFiles(t, func(t *testing.T) wiki.Files { return Dir(t.TempDir()) })
}

func TestStoreOnSimulatedDisk(t *testing.T) {
	wikitest.TestStore(t, func(t *testing.T) wiki.Store {
		return reopen(t, wikitest.NewDisk(), Options{})
	})
}

func TestStoreInSmallSegments(t *testing.T) {
	wikitest.TestStore(t, func(t *testing.T) wiki.Store {
		return reopen(t, wikitest.NewDisk(), Options{SegmentBytes: 4 << 10})
	})
}

func TestStoreOnRealDisk(t *testing.T) {
	wikitest.TestStore(t, func(t *testing.T) wiki.Store {
		dir := t.TempDir()
		return reopen(t, Dir(dir), withIndex(dir, Options{}))
	})
}

func TestStoreThatFlushesAllTheTime(t *testing.T) {
	wikitest.TestStore(t, func(t *testing.T) wiki.Store {
		dir := t.TempDir()
		return reopen(t, Dir(dir), withIndex(dir, Options{FlushBytes: 1, SegmentBytes: 8 << 10}))
	})
}
