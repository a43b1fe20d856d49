package appliance_test

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// rotBytes turns random bytes over in a folder of a box that runs.
func (w *realWorld) rotBytes(t *testing.T, box, folder string, rng *rand.Rand, flips int) {
	t.Helper()
	var names []string
	var sizes []int64
	var all int64
	err := filepath.WalkDir(filepath.Join(w.choices[box].Data, folder), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		names, sizes, all = append(names, path), append(sizes, info.Size()), all+info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for range flips {
		at := rng.Int64N(all)
		i := 0
		for at >= sizes[i] {
			at -= sizes[i]
			i++
		}
		flip(t, names[i], at, byte(1+rng.IntN(255)))
	}
}

func flip(t *testing.T, name string, at int64, by byte) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, at); err != nil {
		t.Fatal(err)
	}
	b[0] ^= by
	if _, err := f.WriteAt(b, at); err != nil {
		t.Fatal(err)
	}
}

// library fills the wiki and returns what is to be read where.
func library(t *testing.T, w world, rng *rand.Rand) map[string]string {
	t.Helper()
	books := map[string]string{}
	letters := func(n int) string {
		var b strings.Builder
		for b.Len() < n {
			fmt.Fprintf(&b, "%016x\n", rng.Uint64())
		}
		return b.String()
	}
	for i := range 80 {
		books[fmt.Sprintf("/raw/Book%d", i)] = letters(3000)
	}
	for i := range 6 {
		books[fmt.Sprintf("/files/pictures/%d.bin", i)] = letters(700_000)
	}
	for path, text := range books {
		must(t, w, 201, "PUT", w.url("tulsa")+path, text, "If-None-Match", "*", "Content-Type", "application/octet-stream")
	}
	return books
}

func readAll(t *testing.T, w world, box string, books map[string]string) {
	t.Helper()
	for path, text := range books {
		if got := must(t, w, 200, "GET", w.url(box)+path, ""); got.body != text {
			t.Errorf("%s reads %d bytes of %s that are not those written", box, len(got.body), path)
		}
	}
}

func TestAThousandRottenBytesAreReadRightRepairedAndListed(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	w := newRealWorld(t)
	startAll(w)
	agree(t, w, boxes...)
	books := library(t, w, rng)
	agree(t, w, boxes...)
	readAll(t, w, "wichita-1", books) // its files' pieces are here too
	w.rotBytes(t, "wichita-1", "public/log", rng, 500)
	w.rotBytes(t, "wichita-1", "blobs/blobs", rng, 500)

	// Half is met by readers, the rest by the scrub.
	half := map[string]string{}
	for path, text := range books {
		if len(half) < len(books)/2 {
			half[path] = text
		}
	}
	readAll(t, w, "wichita-1", half)
	resp, err := w.client().PostForm(w.url("wichita-1")+"/status", url.Values{"do": {"scrub"}})
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("ask for a scrub: %v %v", resp, err)
	}
	resp.Body.Close()
	until(t, w, func() string {
		s, err := status(w, w.url("wichita-1"))
		switch {
		case err != nil:
			return err.Error()
		case s.Scrub.Running || s.Scrub.Finished.IsZero():
			return fmt.Sprintf("the scrub has read %d pieces", s.Scrub.Pieces)
		}
		for _, r := range s.Disk.Reasons {
			if r.Code == "damage" {
				return r.Text
			}
		}
		return ""
	})
	s, err := status(w, w.url("wichita-1"))
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, r := range s.Scrub.Repairs {
		kinds[strings.Split(r.What, "/")[0]]++
	}
	t.Logf("repaired %d: %v; the disk is %s: %s", s.Scrub.Repaired, kinds, s.Disk.Grade, s.Disk.Sentence())
	if kinds["files"] == 0 || kinds["public"] == 0 || int(s.Scrub.Repaired) != len(s.Scrub.Repairs) {
		t.Errorf("repaired %d, listed %v", s.Scrub.Repaired, kinds)
	}
	until(t, w, func() string {
		if s, err = status(w, w.url("wichita-1")); err != nil {
			return err.Error()
		}
		for _, r := range s.Disk.Reasons {
			if r.Code == "rot" {
				return ""
			}
		}
		return fmt.Sprintf("the repairs do not count in the verdict: %+v", s.Disk)
	})
	w.stop("wichita-2")
	w.stop("tulsa")
	readAll(t, w, "wichita-1", books) // all of it is on this disk again
	w.stop("wichita-1")
	w.start("wichita-1")
	readAll(t, w, "wichita-1", books)
}
