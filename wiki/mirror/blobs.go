package mirror

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/argss/argss/wiki"
)

// Pieces is the pieces of files on one disk.
type Pieces interface {
	wiki.Blobs
	Damaged() []wiki.Hash
	Hashes(after wiki.Hash, limit int) ([]wiki.Hash, error)
}

// Shelf opens the pieces of files on one disk, and again after a failure.
type Shelf struct {
	Name string
	Open func() (Pieces, error)
}

// Blobs is the pieces of files on all disks of a box. Run fills and heals; what
// is put and read does not wait for it.
type Blobs struct {
	options Options

	mu      sync.Mutex
	shelves []*shelf
}

type shelf struct {
	Shelf
	pieces Pieces // nil: it cannot be opened
	behind bool   // it failed or was late: not waited for until it was opened again
	stale  bool   // it was not compared with the others since it was opened
}

var _ Pieces = (*Blobs)(nil)

// OpenBlobs opens the disks; it is enough that one opens.
func OpenBlobs(disks []Shelf, options Options) (*Blobs, error) {
	b := &Blobs{options: options.withDefaults()}
	var errs []error
	opened := false
	for _, d := range disks {
		s := &shelf{Shelf: d, behind: true}
		pieces, err := d.Open()
		if err == nil {
			s.pieces, s.behind, s.stale, opened = pieces, false, true, true
		}
		errs = append(errs, err)
		b.shelves = append(b.shelves, s)
	}
	if !opened {
		return nil, fmt.Errorf("open files: %w", errors.Join(errs...))
	}
	return b, nil
}

// open returns the disks that can be asked, those that lack nothing first.
func (b *Blobs) open() (pieces []Pieces, shelves []*shelf) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, behind := range []bool{false, true} {
		for _, s := range b.shelves {
			if s.pieces != nil && s.behind == behind {
				pieces, shelves = append(pieces, s.pieces), append(shelves, s)
			}
		}
	}
	return pieces, shelves
}

// PutBlob implements wiki.Blobs. It returns when one disk has the piece and the
// others too, or had their time.
func (b *Blobs) PutBlob(ctx context.Context, data []byte) (wiki.Hash, error) {
	pieces, shelves := b.open()
	type answer struct {
		at   int
		hash wiki.Hash
		err  error
	}
	answers := make(chan answer, len(pieces))
	waited := 0
	for i, p := range pieces {
		if b.isBehind(shelves[i]) && i > 0 {
			continue // Run brings it
		}
		waited++
		go func() {
			hash, err := p.PutBlob(ctx, data)
			answers <- answer{i, hash, err}
		}()
	}
	var late <-chan time.Time
	var good *answer
	errs, told := make([]error, len(pieces)), make([]bool, len(pieces))
	for range waited {
		select {
		case a := <-answers:
			errs[a.at], told[a.at] = a.err, true
			if a.err == nil && good == nil {
				good, late = &a, time.After(b.options.Patience)
			}
			continue
		case <-late:
		}
		break
	}
	if good == nil {
		return wiki.Hash{}, errors.Join(errs...)
	}
	for i, s := range shelves {
		if errs[i] != nil || !told[i] {
			b.setBehind(s, true)
		}
	}
	return good.hash, nil
}

func (b *Blobs) isBehind(s *shelf) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return s.behind
}

func (b *Blobs) setBehind(s *shelf, behind bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s.behind = behind
}

// first asks one disk after the other, each as soon as those before said no or
// had their time, and returns the first good answer.
func first[T any](b *Blobs, ask func(Pieces) (T, error)) (v T, err error) {
	pieces, _ := b.open()
	type answer struct {
		v   T
		err error
	}
	answers := make(chan answer, len(pieces))
	begun, ended := 0, 0
	for ended < len(pieces) {
		if begun == ended || begun < len(pieces) {
			p := pieces[begun]
			begun++
			go func() { v, err := ask(p); answers <- answer{v, err} }()
		}
		patience := time.NewTimer(b.options.Patience)
		select {
		case a := <-answers:
			ended++
			if a.err == nil {
				patience.Stop()
				return a.v, nil
			}
			if err == nil || errors.Is(err, wiki.ErrNotFound) {
				err = a.err // damage says more than absence
			}
		case <-patience.C:
			if begun == len(pieces) {
				a := <-answers
				ended++
				if a.err == nil {
					return a.v, nil
				}
				err = a.err
			}
		}
		patience.Stop()
	}
	return v, err
}

// Blob implements wiki.Blobs.
func (b *Blobs) Blob(hash wiki.Hash) ([]byte, error) {
	return first(b, func(p Pieces) ([]byte, error) { return p.Blob(hash) })
}

// HasBlob implements wiki.Blobs.
func (b *Blobs) HasBlob(hash wiki.Hash) bool {
	_, err := first(b, func(p Pieces) (struct{}, error) {
		if !p.HasBlob(hash) {
			return struct{}{}, wiki.ErrNotFound
		}
		return struct{}{}, nil
	})
	return err == nil
}

// Damaged returns the pieces that no disk has whole, ascending.
func (b *Blobs) Damaged() []wiki.Hash {
	pieces, _ := b.open()
	var hashes []wiki.Hash
	for _, p := range pieces {
		for _, h := range p.Damaged() {
			if !slices.ContainsFunc(pieces, func(q Pieces) bool { return q.HasBlob(h) }) {
				hashes = append(hashes, h)
			}
		}
	}
	return slices.Compact(wiki.SortIDs(hashes))
}

// Hashes returns up to limit hashes above after that some disk holds, ascending.
func (b *Blobs) Hashes(after wiki.Hash, limit int) ([]wiki.Hash, error) {
	pieces, _ := b.open()
	var all []wiki.Hash
	var failed error
	good := false
	for _, p := range pieces {
		hashes, err := p.Hashes(after, limit)
		if failed = errors.Join(failed, err); err == nil {
			good = true
		}
		all = append(all, hashes...)
	}
	if !good {
		return nil, failed
	}
	all = slices.Compact(wiki.SortIDs(all))
	return all[:min(len(all), limit)], nil
}

// Run opens, fills and heals the disks until ctx ends.
func (b *Blobs) Run(ctx context.Context) error {
	tick := time.NewTicker(b.options.Every)
	defer tick.Stop()
	for {
		for i, s := range b.shelves {
			b.mend(ctx, i, s)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// mend brings one disk up to the others. A piece that was put meanwhile went to
// it too, unless it falls behind again.
func (b *Blobs) mend(ctx context.Context, i int, s *shelf) {
	b.mu.Lock()
	behind, stale, pieces := s.behind, s.stale, s.pieces
	s.stale = false
	b.mu.Unlock()
	damaged := pieces != nil && len(pieces.Damaged()) > 0
	if !behind && !stale && !damaged || ctx.Err() != nil {
		return
	}
	if behind {
		fresh, err := s.Open() // a failed one takes no writes until then
		if err != nil {
			b.mu.Lock()
			s.pieces = nil
			b.mu.Unlock()
			return
		}
		b.mu.Lock()
		s.pieces, s.behind = fresh, false // what is put from now on goes here, too
		b.mu.Unlock()
		pieces = fresh
	}
	for j, other := range b.shelves {
		b.mu.Lock()
		from := other.pieces
		b.mu.Unlock()
		if j == i || from == nil {
			continue
		}
		if err := copyPieces(ctx, from, pieces); err != nil {
			b.options.Log.Warn("a disk lacks pieces of files", "disk", s.Name, "error", err)
			b.setBehind(s, true)
		}
	}
}

// copyPieces gives one disk what it lacks, or has damaged, and another holds.
func copyPieces(ctx context.Context, from, to Pieces) error {
	var after wiki.Hash
	for {
		hashes, err := from.Hashes(after, 500)
		if err != nil || len(hashes) == 0 {
			return err
		}
		for _, h := range hashes {
			after = h
			if to.HasBlob(h) {
				continue
			}
			data, err := from.Blob(h)
			if err != nil {
				continue // another box may have it
			}
			if _, err := to.PutBlob(ctx, data); err != nil {
				return err
			}
		}
	}
}
