package mirror

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/blob"
	"github.com/argss/argss/wiki/wikitest"
)

func (p *pair) blobs(t *testing.T) *Blobs {
	t.Helper()
	var shelves []Shelf
	for i := range p.bays {
		shelves = append(shelves, Shelf{Name: fmt.Sprint("disk", i+1), Open: func() (Pieces, error) {
			b, err := blob.Open(p.bay(i), blob.Options{Reserve: -1})
			if err != nil {
				return nil, err
			}
			return b, nil
		}})
	}
	b, err := OpenBlobs(shelves, Options{Every: 10 * time.Millisecond})
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = b.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return b
}

func TestMirroredBlobsAreBlobs(t *testing.T) {
	wikitest.TestBlobs(t, func(t *testing.T) wiki.Blobs { return newPair().blobs(t) })
}

func TestVanishingDiskCostsNoPieceOfAFile(t *testing.T) {
	for gone := range 2 {
		p := newPair()
		b := p.blobs(t)
		var hashes []wiki.Hash
		put := func(n int) {
			for range n {
				h, err := b.PutBlob(context.Background(), fmt.Appendf(nil, "piece %d of %d", len(hashes), gone))
				must(t, err)
				hashes = append(hashes, h)
			}
		}
		whole := func() {
			t.Helper()
			for _, h := range hashes {
				if _, err := b.Blob(h); err != nil || !b.HasBlob(h) {
					t.Errorf("piece %s: %v", h.Short(), err)
				}
			}
		}
		put(10)
		p.bay(gone).Vanish()
		whole()
		put(10)
		whole()
		p.bay(gone).Reappear()
		until(t, "the disk is filled", func() bool {
			alone, err := blob.Open(p.bay(gone), blob.Options{Reserve: -1})
			must(t, err)
			held, err := alone.Hashes(wiki.Hash{}, 100)
			return err == nil && len(held) == len(hashes)
		})
		p.bay(1 - gone).Vanish()
		whole()
	}
}

func TestRottenPieceIsReadFromTheOtherDiskAndHealed(t *testing.T) {
	p := newPair()
	b := p.blobs(t)
	until(t, "the disks are compared", func() bool { return !b.isBehind(b.shelves[0]) && !b.isBehind(b.shelves[1]) })
	h, err := b.PutBlob(context.Background(), []byte("precious"))
	must(t, err)
	p.bay(0).FlipBits(rng(1), 1, nil)
	_, err = b.Blob(h)
	must(t, err)
	until(t, "it is healed", func() bool { _, err := b.shelves[0].pieces.Blob(h); return err == nil })
}
