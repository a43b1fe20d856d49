package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/argss/argss/wiki"
)

// benchRevisions makes revisions of about 2 KB over 1,000 pages, each page a
// chain.
func benchRevisions(b *testing.B, n int) []wiki.Revision {
	b.Helper()
	rng := seeded(1)
	revisions := make([]wiki.Revision, n)
	for i := range revisions {
		h := wiki.Header{Page: fmt.Sprintf("Page %d", i%1000), Kind: wiki.Edit, Author: "ada", Time: int64(1_700_000_000_000 + i)}
		if i >= 1000 {
			h.Parents = []wiki.ID{revisions[i-1000].ID}
		}
		var text strings.Builder
		for text.Len() < 1500 {
			fmt.Fprintf(&text, "%x ", rng.Uint64())
		}
		var salt wiki.Hash
		copy(salt[:], fmt.Sprint(i))
		r, err := wiki.New(h, wiki.Body{Type: wiki.Markdown, Content: text.String()}, salt)
		if err != nil {
			b.Fatal(err)
		}
		revisions[i] = r
	}
	return revisions
}

// BenchmarkAdd measures durable saves beside the same bytes appended to a file
// with one sync each: what the disk can do.
func BenchmarkAdd(b *testing.B) {
	revisions := benchRevisions(b, 20_000)
	for _, writers := range []int{1, 64} {
		b.Run(fmt.Sprint("store/writers=", writers), func(b *testing.B) { benchAdd(b, revisions, writers) })
	}
	b.Run("append+sync", func(b *testing.B) { benchAppend(b, revisions, 1) })
	b.Run("append+sync/64", func(b *testing.B) { benchAppend(b, revisions, 64) })
}

func benchAdd(b *testing.B, revisions []wiki.Revision, writers int) {
	dir := b.TempDir()
	var s *Store
	var next atomic.Int64
	fresh := func() {
		if s != nil {
			s.Close()
			os.RemoveAll(filepath.Join(dir, "s"))
		}
		must(b, os.MkdirAll(filepath.Join(dir, "s"), 0o700))
		s = reopen(b, Dir(filepath.Join(dir, "s")), withIndex(filepath.Join(dir, "s"), Options{}))
	}
	fresh()
	b.ResetTimer()
	for done := 0; done < b.N; done += len(revisions) {
		if done > 0 {
			b.StopTimer()
			fresh()
			b.StartTimer()
		}
		n := int64(min(b.N-done, len(revisions)))
		next.Store(0)
		var group sync.WaitGroup
		for range writers {
			group.Go(func() {
				for i := next.Add(1) - 1; i < n; i = next.Add(1) - 1 {
					if _, err := s.Add(context.Background(), revisions[i]); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		group.Wait()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "revisions/s")
}

func benchAppend(b *testing.B, revisions []wiki.Revision, batch int) {
	f, err := Dir(b.TempDir()).Open("raw", true)
	must(b, err)
	defer f.Close()
	b.ResetTimer()
	at := int64(0)
	for i := 0; i < b.N; i += batch {
		var buf []byte
		for j := range min(batch, b.N-i) {
			buf = append(buf, revisions[(i+j)%len(revisions)].Document()...)
		}
		_, err := f.WriteAt(buf, at%(256<<20))
		must(b, err)
		must(b, f.Sync())
		at += int64(len(buf))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "revisions/s")
}

// BenchmarkOpen measures opening 100,000 revisions and what they take in
// memory.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	options := withIndex(dir, Options{})
	s := reopen(b, Dir(dir), options)
	revisions := benchRevisions(b, 100_000)
	start := b.Elapsed()
	for i := 0; i < len(revisions); i += 1000 {
		add(b, s, revisions[i:i+1000]...)
	}
	b.Logf("loaded 100,000 in batches of 1,000 in %v", b.Elapsed()-start)
	s.Close()
	revisions = nil
	if info, err := os.Stat(options.IndexPath); err == nil {
		b.Logf("index %d MB", info.Size()>>20)
	}
	b.Run("index", func(b *testing.B) { benchOpen(b, dir, options, func() {}) })
	b.Run("rebuild", func(b *testing.B) { benchOpen(b, dir, options, func() { must(b, os.Remove(options.IndexPath)) }) })
	b.Run("memory", func(b *testing.B) { benchOpen(b, dir, Options{}, func() {}) })
}

func benchOpen(b *testing.B, dir string, options Options, before func()) {
	for range b.N {
		b.StopTimer()
		before()
		empty := heap()
		b.StartTimer()
		s := reopen(b, Dir(dir), options)
		b.StopTimer()
		b.ReportMetric(float64(heap()-empty)/(1<<20), "heap-MB")
		s.Close()
		b.StartTimer()
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
