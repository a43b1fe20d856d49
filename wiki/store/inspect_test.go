package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"syscall"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/wikitest"
)

// indexed returns the folder of a closed store whose index has several levels
// of pages, and what it holds.
func indexed(t *testing.T) (dir string, oracle *wikitest.Memory) {
	t.Helper()
	dir = t.TempDir()
	options := withIndex(dir, Options{Reserve: -1})
	s := reopen(t, Dir(dir), options)
	oracle = wikitest.NewMemory("oracle")
	g := wikitest.NewGenerator(101)
	for range 6 {
		revisions := g.Revisions(25)
		add(t, s, revisions...)
		add(t, oracle, revisions...)
		must(t, s.flush())
	}
	s.Close()
	return dir, oracle
}

// harm spoils bytes as disks and bad luck do.
var harm = map[string]func(rng *rand.Rand, b []byte) []byte{
	"one bit": func(rng *rand.Rand, b []byte) []byte {
		b[rng.IntN(len(b))] ^= 1 << rng.IntN(8)
		return b
	},
	"page heads": func(rng *rand.Rand, b []byte) []byte { // kinds, counts, where pages lead
		for range 3 {
			b[rng.IntN(len(b)/page)*page+rng.IntN(64)] = byte(rng.Uint32())
		}
		return b
	},
	"bytes": func(rng *rand.Rand, b []byte) []byte {
		for range 1 + rng.IntN(40) {
			b[rng.IntN(len(b))] = byte(rng.Uint32())
		}
		return b
	},
	"cut": func(rng *rand.Rand, b []byte) []byte { return b[:rng.IntN(len(b))] },
	"zeros": func(rng *rand.Rand, b []byte) []byte {
		from := rng.IntN(len(b))
		clear(b[from:min(len(b), from+rng.IntN(3*page))])
		return b
	},
	"garbage": func(rng *rand.Rand, b []byte) []byte {
		for i := rng.IntN(len(b)); i < len(b); i++ {
			b[i] = byte(rng.Uint32())
		}
		return b
	},
	"pages swapped": func(rng *rand.Rand, b []byte) []byte {
		i, j := rng.IntN(len(b)/page)*page, rng.IntN(len(b)/page)*page
		for k := range page {
			b[i+k], b[j+k] = b[j+k], b[i+k]
		}
		return b
	},
}

func TestStoreOpensAndServesWhateverBecameOfItsIndex(t *testing.T) {
	const perKind = 30
	dir, oracle := indexed(t)
	path := withIndex(dir, Options{}).IndexPath
	sound, err := os.ReadFile(path)
	must(t, err)
	for kind, spoil := range harm {
		for seed := range uint64(perKind) {
			must(t, os.WriteFile(path, spoil(seeded(seed), append([]byte(nil), sound...)), 0o600))
			s := reopen(t, Dir(dir), withIndex(dir, Options{Reserve: -1}))
			if !t.Run(fmt.Sprint(kind, seed), func(t *testing.T) { wikitest.Compare(t, s, oracle) }) {
				return
			}
			s.Close()
		}
	}
}

// A page that leads to itself overflows the stack of whoever follows it, and no
// Go program outlives that.
func TestIndexThatLeadsInACircleCostsARebuild(t *testing.T) {
	dir, oracle := indexed(t)
	path := withIndex(dir, Options{}).IndexPath
	b, err := os.ReadFile(path)
	must(t, err)
	circles := 0
	for at := 0; at+page <= len(b); at += page {
		if binary.LittleEndian.Uint16(b[at+8:]) != 1 { // a branch page
			continue
		}
		for i := range int(binary.LittleEndian.Uint16(b[at+10:])) {
			copy(b[at+16+16*i+8:], b[at:at+8]) // each element leads to the page itself
		}
		circles++
	}
	if circles == 0 {
		t.Fatal("the index has no branch page")
	}
	must(t, os.WriteFile(path, b, 0o600))
	if err := inspectApart(path); !errors.Is(err, errIndex) {
		t.Errorf("inspection: %v", err)
	}
	wikitest.Compare(t, reopen(t, Dir(dir), withIndex(dir, Options{Reserve: -1})), oracle)
	if _, err := os.Stat(path + ".damaged"); err != nil {
		t.Errorf("the file was not set aside: %v", err)
	}
}

// Damage while the store is open comes out of the map of the file, as a wrong
// page or a fault of the memory.
func TestOpenStoreServesWhenItsIndexIsCutShort(t *testing.T) {
	for _, part := range []float64{0, 0.2, 0.5, 0.9} {
		dir, oracle := indexed(t)
		options := withIndex(dir, Options{Reserve: -1})
		s := reopen(t, Dir(dir), options)
		cutFile(t, options.IndexPath, part)
		wikitest.Compare(t, s, oracle)
		more := wikitest.NewGenerator(102).Revisions(5)
		add(t, s, more...)
		add(t, oracle, more...)
		must(t, s.flush())
		wikitest.Compare(t, s, oracle)
		s.Close()
		wikitest.Compare(t, reopen(t, Dir(dir), options), oracle)
	}
}

func TestIndexThatLostAnyKeyIsRebuilt(t *testing.T) {
	dir, oracle := indexed(t)
	options := withIndex(dir, Options{Reserve: -1})
	revision := oracle.Since(0, 1)[0]
	for _, key := range []string{
		idKey(keyEntry, revision.ID), seqKey(keySeq, 1), historyKey(revision.Header.Page, 1), keyPage + oracle.Pages("", "", 1)[0],
	} {
		disk, err := openDiskIndex(options.IndexPath)
		must(t, err)
		must(t, disk.lose(key))
		must(t, disk.close())
		s := reopen(t, Dir(dir), options)
		wikitest.Compare(t, s, oracle)
		s.Close()
	}
}

// lose takes a key away as rot does: nobody counts it.
func (d *diskIndex) lose(key string) error {
	return d.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(bucketName).Delete([]byte(key)) })
}

// goneFiles is a real folder that can go away.
type goneFiles struct {
	wiki.Files
	gone *bool
}

type goneFile struct {
	wiki.File
	gone *bool
}

func (g goneFiles) List(dir string) ([]string, error) {
	if *g.gone {
		return nil, syscall.EIO
	}
	return g.Files.List(dir)
}

func (g goneFiles) Open(name string, create bool) (wiki.File, error) {
	f, err := g.Files.Open(name, create)
	return goneFile{f, g.gone}, err
}

func (g goneFile) ReadAt(b []byte, at int64) (int, error) {
	if *g.gone {
		return 0, syscall.EIO
	}
	return g.File.ReadAt(b, at)
}

// With the disk go the index and the log it could be made from: the store says
// so, and never that the wiki is empty.
func TestStoreWhoseDiskIsGoneSaysSo(t *testing.T) {
	dir, oracle := indexed(t)
	gone := false
	options := withIndex(dir, Options{Reserve: -1})
	s := reopen(t, goneFiles{Dir(dir), &gone}, options)
	gone = true
	cutFile(t, options.IndexPath, 0)
	_ = s.Pages("", "", 1) // finds out
	if err := s.Failure(); !errors.Is(err, syscall.EIO) {
		t.Errorf("failure: %v", err)
	}
	if _, err := s.Add(t.Context(), wikitest.NewGenerator(1).Next()); !errors.Is(err, wiki.ErrReadOnly) {
		t.Errorf("add: %v", err)
	}
	s.Close()
	gone = false
	wikitest.Compare(t, reopen(t, Dir(dir), options), oracle)
}
