package store

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"syscall"

	"github.com/argss/argss/wiki"
)

// request waits for the committer.
type request struct {
	pieces  []piece
	bytes   int
	control func() error // instead of pieces: something to do between batches
	taken   atomic.Bool  // by the committer, or back by the caller
	done    chan struct{}
	seq     wiki.Seq
	err     error
}

// piece is one revision to be added.
type piece struct {
	revision *wiki.Revision
	header   []byte // its canonical bytes
	asked    bool   // by the caller; false: the record that came with an erased one
}

// Bounds of one batch. What waits longer than that goes into the next.
const (
	maxBatchRevisions = 4096
	maxBatchBytes     = 8 << 20
)

// Add implements wiki.Adder.
func (s *Store) Add(ctx context.Context, revisions ...wiki.Revision) (wiki.Seq, error) {
	q := &request{done: make(chan struct{})}
	for i := range revisions {
		if err := q.add(&revisions[i]); err != nil {
			return 0, fmt.Errorf("add revision: %w", err)
		}
	}
	if err := s.submit(ctx, q); err != nil {
		return 0, fmt.Errorf("add revisions: %w", err)
	}
	return q.seq, nil
}

// add checks a revision once more before it is written, and puts the record
// that erased it in front.
func (q *request) add(r *wiki.Revision) error {
	for _, r := range []*wiki.Revision{r.Erased, r} {
		if r == nil {
			continue
		}
		header, err := headerOf(r.Document(), r.ID)
		if err != nil {
			return fmt.Errorf("%w: %w", wiki.ErrDocument, err)
		}
		q.pieces = append(q.pieces, piece{revision: r, header: header})
		q.bytes += len(r.Document())
	}
	q.pieces[len(q.pieces)-1].asked = true
	return nil
}

// submit hands a request to the committer and waits. A request that ctx ends
// while it waits is not begun; one that is being written is finished, but the
// caller learns ctx's error.
func (s *Store) submit(ctx context.Context, q *request) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-s.stop:
		return wiki.ErrClosed
	default:
	}
	select {
	case s.requests <- q:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stop:
		return wiki.ErrClosed
	}
	select {
	case <-q.done:
		return q.err
	case <-ctx.Done():
		q.taken.Store(true)
		return ctx.Err()
	case <-s.drained:
	}
	select {
	case <-q.done:
		return q.err
	default:
		return wiki.ErrClosed
	}
}

// commitLoop is the committer: it writes what waits, one batch after another.
// While it syncs, the next batch gathers.
func (s *Store) commitLoop() {
	defer close(s.drained)
	for {
		select {
		case <-s.stop:
			return
		case q := <-s.requests:
			s.turn(q)
		}
	}
}

// turn takes a request and all that wait behind it, up to the bounds.
func (s *Store) turn(first *request) {
	var batch []*request
	revisions, bytes := 0, 0
	q := first
	for q != nil && q.control == nil {
		if q.taken.CompareAndSwap(false, true) {
			batch = append(batch, q)
			revisions, bytes = revisions+len(q.pieces), bytes+q.bytes
		}
		q = nil
		if revisions < maxBatchRevisions && bytes < maxBatchBytes {
			select {
			case q = <-s.requests:
			default:
			}
		}
	}
	if len(batch) > 0 {
		s.commit(batch)
	}
	if q != nil {
		q.err = q.control()
		close(q.done)
	}
}

// commit makes a batch durable and answers its requests.
func (s *Store) commit(batch []*request) {
	err := s.ready()
	if err == nil {
		var d draft
		s.view(func(r *reader) { d = s.draft(r, batch) })
		if len(d.records) > 0 {
			err = s.write(&d)
		}
	}
	for _, q := range batch {
		q.err = err
		close(q.done)
	}
}

// ready returns why nothing can be written now. A log whose end could not be
// mended at Open, because the disk was full, is mended first.
func (s *Store) ready() error {
	if err := s.refusal(); err != nil || s.unmended == nil {
		return err
	}
	switch err := s.unmended(); {
	case isFull(err):
		return wiki.ErrFull
	case err != nil:
		return s.fail(err)
	}
	s.unmended = nil
	return nil
}

// refusal returns why nothing is written any more.
func (s *Store) refusal() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.failure != nil {
		return fmt.Errorf("%w until it is opened again: %w", wiki.ErrReadOnly, s.failure)
	}
	return nil
}

// fail ends all writing. A sync that failed is never tried again: the kernel
// may have dropped the pages and call the next one a success.
func (s *Store) fail(err error) error {
	s.mu.Lock()
	s.failure = err
	s.mu.Unlock()
	s.log.Error("a write failed: the store can only be read until it is opened again", "error", err)
	return s.refusal()
}

// write appends a batch to the log with one sync, then notes it in the index.
func (s *Store) write(d *draft) error {
	if free, err := s.files.Free(); err == nil && !s.fits(free, d) {
		return wiki.ErrFull
	}
	if quota := s.options.Quota; quota > 0 && !d.erasuresOnly && s.logBytes()+d.bytes > quota {
		return wiki.ErrQuota
	}
	if err := s.makeRoom(d); err != nil {
		return err
	}
	seg := s.active
	b := d.encode(seg)
	if _, err := seg.file.WriteAt(b, seg.end); err != nil {
		if isFull(err) {
			return s.takeBack(err)
		}
		return s.fail(err)
	}
	if err := seg.file.Sync(); err != nil {
		return s.fail(err)
	}
	s.publish(d, seg.end+int64(len(b)))
	return nil
}

// fits tells whether a batch may be written. Erase records may use the reserve:
// it is there to rewrite what they erase.
func (s *Store) fits(free uint64, d *draft) bool {
	need := uint64(d.bytes) + recordHeader
	if s.options.Reserve > 0 && !d.erasuresOnly {
		need += uint64(s.options.Reserve)
	}
	return free >= need
}

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

// makeRoom begins the next segment when the batch would make this one too long.
func (s *Store) makeRoom(d *draft) error {
	if s.active.end == segmentHeader || s.active.end+d.bytes <= s.options.SegmentBytes {
		return nil
	}
	err := s.beginSegment()
	if isFull(err) {
		return wiki.ErrFull
	}
	if err != nil {
		return s.fail(err)
	}
	return nil
}

// takeBack removes what a full disk took of a batch, so that the log goes on
// behind the last good one when space returns.
func (s *Store) takeBack(cause error) error {
	seg := s.active
	if err := seg.file.Truncate(seg.end); err != nil {
		return s.fail(errors.Join(cause, err))
	}
	if err := seg.file.Sync(); err != nil {
		return s.fail(errors.Join(cause, err))
	}
	return wiki.ErrFull
}

// publish lets readers see a durable batch.
func (s *Store) publish(d *draft, end int64) {
	s.mu.Lock()
	s.active.end = end
	x := s.index
	if fault := s.try(func(r *reader) {
		for _, it := range d.items {
			s.apply(r, it)
		}
	}); fault != nil {
		s.rebuild(x, fault) // reads this batch from the log, too
	}
	close(s.grown)
	s.grown = make(chan struct{})
	size, limit := s.index.active.bytes, s.options.FlushBytes
	onDisk := s.index.disk != nil
	s.mu.Unlock()
	if d.wipes {
		s.wakeWiper()
	}
	if !onDisk || size < limit {
		return
	}
	if size > 4*limit {
		s.tryFlush() // the flusher cannot keep up: wait for it
		return
	}
	select {
	case s.full <- struct{}{}:
	default:
	}
}
