package appliance_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/argss/argss/appliance/settings"
	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/blob"
	"github.com/argss/argss/wiki/mirror"
	"github.com/argss/argss/wiki/store"
	"github.com/argss/argss/wiki/wikitest"
)

// A crash image is what a power cut leaves of a disk: what was synced, and of
// the rest what a seed decides, sector by sector. Each is opened, compared with
// what had been acknowledged until then, and written to.

// known is what a client knows of one store.
type known struct {
	submitted map[wiki.ID]bool
	acked     []wiki.ID
}

func (k *known) add(s wiki.Store, revisions ...wiki.Revision) error {
	for _, r := range revisions {
		k.submitted[r.ID] = true
	}
	if _, err := s.Add(context.Background(), revisions...); err != nil {
		return err
	}
	for _, r := range revisions {
		k.acked = append(k.acked, r.ID)
	}
	return nil
}

// check returns what is wrong with a store found after a power cut.
func (k *known) check(s mirror.Set) error {
	if missing := s.Missing(k.acked); len(missing) > 0 {
		return fmt.Errorf("%d of %d acknowledged revisions are gone", len(missing), len(k.acked))
	}
	for _, e := range s.Since(0, 1<<20) {
		if !k.submitted[e.ID] {
			return fmt.Errorf("%s was never handed in", e.ID.Short())
		}
		if _, err := s.Get(e.ID); err != nil {
			return err
		}
	}
	if d := s.Damaged(); len(d) > 0 {
		return fmt.Errorf("a power cut counts as damage: %+v", d)
	}
	_, err := s.Add(context.Background(), wikitest.NewGenerator(900).Next())
	return err
}

var identityDraws uint64

func crashOptions() store.Options {
	identityDraws++
	return store.Options{
		SegmentBytes: 6 << 10, Reserve: -1, WipeDelay: time.Hour, FlushEvery: time.Hour,
		Random: randomReader{rand.New(rand.NewPCG(identityDraws, 5))},
	}
}

type randomReader struct{ *rand.Rand }

func (r randomReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r.Uint32())
	}
	return len(p), nil
}

func newKnown() *known { return &known{submitted: map[wiki.ID]bool{}} }

// saveAll is a store's life in short, up to the first error.
func (k *known) saveAll(s wiki.Store, g *wikitest.Generator, wipe func() error) error {
	secret := g.Edit("A", "a secret that must go")
	for _, batch := range [][]wiki.Revision{{secret}, g.Revisions(3), g.Revisions(1), g.Revisions(6), {g.Erasure("A", secret.ID)}} {
		if err := k.add(s, batch...); err != nil {
			return err
		}
	}
	if err := wipe(); err != nil {
		return err
	}
	for _, batch := range [][]wiki.Revision{g.Revisions(2), g.Revisions(9), {secret}} {
		if err := k.add(s, batch...); err != nil {
			return err
		}
	}
	return nil
}

func logImages(verdict func(error)) {
	for n := 1; ; n++ {
		disk, k := wikitest.NewDisk(), newKnown()
		disk.CutAfter(n)
		s, err := store.Open(disk, crashOptions())
		if err == nil {
			err = k.saveAll(s, wikitest.NewGenerator(21), func() error { return s.Wipe(context.Background()) })
			if err == nil {
				_, err = s.Renew()
			}
		}
		for seed := range uint64(8) {
			verdict(checkStore(disk.Image(rand.New(rand.NewPCG(seed, 6))), "", k))
		}
		if s != nil {
			s.Close()
		}
		if err == nil {
			return
		}
	}
}

func checkStore(files wiki.Files, index string, k *known) error {
	options := crashOptions()
	options.IndexPath = index
	s, err := store.Open(files, options)
	if err != nil {
		return err
	}
	defer s.Close()
	return k.check(s)
}

// indexImages mixes the sectors of the index file before and after a flush, any
// of which the disk may have, and takes the log as of then. Notes (checkpoints
// and receipts) live in this file: each says how much was acknowledged when it
// was written, and must never claim more than is held.
func indexImages(t *testing.T, verdict func(error)) {
	dir := t.TempDir()
	index := filepath.Join(dir, "index.db")
	disk, k, g := wikitest.NewDisk(), newKnown(), wikitest.NewGenerator(22)
	var before []byte
	for round := range 12 {
		options := crashOptions()
		options.IndexPath = index
		s, err := store.Open(disk, options)
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			if err := k.add(s, g.Revisions(5)...); err != nil {
				t.Fatal(err)
			}
			s.SetNote("union/checkpoint/peer", []byte(strconv.Itoa(len(k.acked))))
		}
		cut := disk.Image(rand.New(rand.NewPCG(uint64(round), 7)))
		s.Close() // flushes
		after, err := os.ReadFile(index)
		if err != nil {
			t.Fatal(err)
		}
		for seed := range uint64(16) {
			rng := rand.New(rand.NewPCG(seed, uint64(round)))
			path := filepath.Join(dir, fmt.Sprint("found", round, "-", seed))
			if err := os.WriteFile(path, mixed(rng, before, after), 0o600); err != nil {
				t.Fatal(err)
			}
			verdict(checkNotes(cut.Clone(), path, k))
		}
		before = after
	}
}

func mixed(rng *rand.Rand, before, after []byte) []byte {
	b := append([]byte(nil), after...)
	for at := 0; at < len(b); at += wikitest.Sector {
		if rng.IntN(2) == 0 {
			clear(b[at : at+wikitest.Sector])
			if at < len(before) {
				copy(b[at:at+wikitest.Sector], before[at:])
			}
		}
	}
	return b
}

func checkNotes(files wiki.Files, index string, k *known) error {
	if err := checkStore(files, index, k); err != nil {
		return err
	}
	options := crashOptions()
	options.IndexPath = index
	s, err := store.Open(files, options)
	if err != nil {
		return err
	}
	defer s.Close()
	claim := string(s.Note("union/checkpoint/peer"))
	if claim == "" {
		return nil
	}
	n, err := strconv.Atoi(claim)
	if err == nil && len(s.Missing(k.acked[:min(n, len(k.acked))])) > 0 || n > len(k.acked) {
		err = fmt.Errorf("a note claims %d revisions", n)
	}
	return err
}

func blobImages(verdict func(error)) {
	for n := 1; ; n++ {
		disk := wikitest.NewDisk()
		disk.CutAfter(n)
		var acked []wiki.Hash
		b, err := blob.Open(disk, blob.Options{Reserve: -1})
		for i := 0; i < 5 && err == nil; i++ {
			var hash wiki.Hash
			if hash, err = b.PutBlob(context.Background(), []byte(strings.Repeat(fmt.Sprint("piece ", i), 300))); err == nil {
				acked = append(acked, hash)
			}
		}
		for seed := range uint64(5) {
			verdict(checkBlobs(disk.Image(rand.New(rand.NewPCG(seed, 8))), acked))
		}
		if err == nil {
			return
		}
	}
}

func checkBlobs(files wiki.Files, acked []wiki.Hash) error {
	b, err := blob.Open(files, blob.Options{Reserve: -1})
	if err != nil {
		return err
	}
	held, err := b.Hashes(wiki.Hash{}, 100)
	if err != nil {
		return err
	}
	for _, hash := range append(held, acked...) {
		if _, err := b.Blob(hash); err != nil {
			return err
		}
	}
	_, err = b.PutBlob(context.Background(), []byte("goes on"))
	return err
}

func settingsImages(verdict func(error)) {
	choice := settings.Settings{Box: "wichita-1", Data: "/data", Listen: ":80", Secret: strings.Repeat("ab", 16)}
	for n := 1; ; n++ {
		disk := wikitest.NewDisk()
		disk.CutAfter(n)
		saved, err := 0, error(nil)
		for i := 0; i < 6 && err == nil; i++ {
			choice.Wiki = strconv.Itoa(i)
			if err = choice.SaveIn(disk, "settings.json"); err == nil {
				saved = i + 1
			}
		}
		for seed := range uint64(5) {
			verdict(checkSettings(disk.Image(rand.New(rand.NewPCG(seed, 9))), saved))
		}
		if err == nil {
			return
		}
	}
}

// checkSettings wants the last choices that were saved, or those whose saving
// was interrupted.
func checkSettings(files wiki.Files, saved int) error {
	f, err := files.Open("settings.json", false)
	if err != nil {
		if saved == 0 {
			return nil // the first were never saved
		}
		return err
	}
	defer f.Close()
	b := make([]byte, 64<<10)
	n, err := f.ReadAt(b, 0)
	if err != nil && err != io.EOF {
		return err
	}
	s, err := settings.Parse(b[:n])
	if err != nil {
		return err
	}
	if i, err := strconv.Atoi(s.Wiki); err != nil || i != saved && i != saved-1 {
		return fmt.Errorf("found choice %q after %d were saved", s.Wiki, saved)
	}
	return nil
}

// twoDiskImages cut one disk at each of its changes while the other goes on, and
// then the power: what was acknowledged is on one of them.
func twoDiskImages(verdict func(error)) {
	for victim := range 2 {
		for n := 1; n <= 56; n++ {
			pair := [2]*wikitest.Disk{wikitest.NewDisk(), wikitest.NewDisk()}
			pair[victim].CutAfter(n)
			k := newKnown()
			m, err := openMirror(pair[0], pair[1])
			if err == nil {
				_ = k.saveAll(m, wikitest.NewGenerator(23), func() error { return nil })
			}
			for seed := range uint64(3) {
				rng := rand.New(rand.NewPCG(seed, uint64(n)))
				verdict(checkMirror(pair[0].Image(rng), pair[1].Image(rng), k))
			}
			if err == nil {
				m.Close()
			}
		}
	}
}

func openMirror(files ...wiki.Files) (*mirror.Store, error) {
	var list []mirror.Disk
	for i, f := range files {
		options := crashOptions()
		list = append(list, mirror.Disk{Name: fmt.Sprint(i + 1), Open: func() (mirror.Set, error) {
			s, err := store.Open(f, options)
			if err != nil {
				return nil, err
			}
			return s, nil
		}})
	}
	return mirror.Open(list, mirror.Options{Every: time.Millisecond})
}

func checkMirror(a, b *wikitest.Disk, k *known) error {
	m, err := openMirror(a, b)
	if err != nil {
		return err
	}
	defer m.Close()
	return k.check(m)
}

func TestNoCrashImageIsBad(t *testing.T) {
	total, bad := 0, 0
	for _, part := range []struct {
		name   string
		images func(verdict func(error))
	}{
		{"log", logImages},
		{"index and notes", func(verdict func(error)) { indexImages(t, verdict) }},
		{"pieces of files", blobImages},
		{"settings", settingsImages},
		{"two disks", twoDiskImages},
	} {
		count, start := 0, time.Now()
		part.images(func(err error) {
			if count++; err != nil {
				bad++
				t.Errorf("%s, image %d: %v", part.name, count, err)
			}
		})
		t.Logf("%s: %d images in %v", part.name, count, time.Since(start).Round(time.Millisecond))
		total += count
	}
	t.Logf("crash images: %d, bad: %d", total, bad)
	if total < 1000 {
		t.Errorf("only %d crash images: the scripts have become short", total)
	}
}
