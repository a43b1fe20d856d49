package search_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/argss/argss/wiki/search"
	"github.com/argss/argss/wiki/wikitest"
)

const manyPages = 10_000

// many is an index of manyPages pages of 3.5 KB whose words are as common as
// those of a language are: the nth in 1/n of the places.
func many(b *testing.B) *search.Index {
	g, set := wikitest.NewGenerator(1), wikitest.NewMemory("one")
	for i := range manyPages {
		if _, err := set.Add(b.Context(), g.Edit(fmt.Sprintf("space%d/Page %d", i%17, i), "")); err != nil {
			b.Fatal(err)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(random, 1.1, 4, 40_000)
	index, err := search.Open(search.Config{
		Path: filepath.Join(b.TempDir(), "search.db"), Set: set, Log: slog.New(slog.DiscardHandler),
		Read: func(name string) (search.Page, bool, error) {
			var text strings.Builder
			for text.Len() < 3500 {
				fmt.Fprintf(&text, "w%d ", zipf.Uint64())
			}
			return search.Page{Title: name, Plain: text.String()}, true, nil
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- index.Run(ctx) }()
	start := time.Now()
	for at, all := index.Progress(); at < all; at, all = index.Progress() {
		time.Sleep(10 * time.Millisecond)
	}
	b.Logf("%d pages indexed in %v", manyPages, time.Since(start).Round(time.Millisecond))
	cancel()
	<-done
	b.Cleanup(func() { index.Close() })
	return index
}

func BenchmarkFind(b *testing.B) {
	index := many(b)
	runtime.GC()
	for name, query := range map[string]string{
		"rare word": "w30021", "common word": "w3", "two common words": "w5 w7 ", "phrase": `"w1 w2 w3"`,
		"one letter": "w", "name": "page 77", "no such word": "unicorn",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := index.Find(b.Context(), query, 0, 20); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
