package store

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/argss/argss/wiki"
)

// wipeRetry is how long the wiper waits after it failed.
const wipeRetry = time.Minute

func (s *Store) wakeWiper() {
	select {
	case s.wipeWake <- struct{}{}:
	default:
	}
}

// wipeLoop is the wiper. It waits a moment before it begins: a purge erases
// many revisions of one segment, one after another.
func (s *Store) wipeLoop() {
	for {
		select {
		case <-s.stop:
			return
		case <-s.wipeWake:
		}
		if s.Unwiped() == 0 {
			continue
		}
		if !s.pause(s.options.WipeDelay) {
			return
		}
		if err := s.Wipe(context.Background()); err != nil {
			s.log.Warn("erased bytes are still on the disk", "error", err)
			if !s.pause(wipeRetry) {
				return
			}
			s.wakeWiper()
		}
	}
}

// pause waits and tells whether the store is still open.
func (s *Store) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-s.stop:
		return false
	case <-timer.C:
		return true
	}
}

// Unwiped returns in how many segments erased bodies still lie on the disk.
// They are not returned any more; 0 says that their bytes are gone, too.
func (s *Store) Unwiped() int { return len(s.unwiped()) }

// Wipe rewrites all segments that hold erased bodies and returns when they are
// gone from the disk. The store does that by itself soon after an erase record
// arrived; a caller that must know waits here. Reads and writes go on.
func (s *Store) Wipe(ctx context.Context) error {
	s.wiping.Lock()
	defer s.wiping.Unlock()
	for _, w := range s.unwiped() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.wipe(ctx, w); err != nil {
			return fmt.Errorf("wipe log segment %d: %w", w.segment, err)
		}
	}
	return nil
}

// wipeOrder says that a segment must be rewritten. The ticket changes when
// that is ordered again.
type wipeOrder struct {
	segment uint32
	ticket  string
}

func (s *Store) unwiped() (orders []wipeOrder) {
	s.view(func(r *reader) {
		orders = nil
		r.ascend(keyWipe, "", func(key string, ticket []byte) bool {
			orders = append(orders, wipeOrder{lastSegment(key), string(ticket)})
			return true
		})
	})
	return orders
}

func (s *Store) wipe(ctx context.Context, w wipeOrder) error {
	if err := s.seal(ctx, w.segment); err != nil {
		return err
	}
	s.mu.RLock()
	seg := s.segments[w.segment]
	s.mu.RUnlock()
	var wiped []wiki.ID
	if seg != nil {
		var err error
		if wiped, err = s.rewrite(seg); err != nil {
			return err
		}
	}
	s.update(func(r *reader) {
		for _, id := range wiped {
			if e, held := r.entry(id); held && e.at.segment == w.segment {
				e.bare = true
				s.putEntry(&e)
			}
		}
		key := segmentKey(keyWipe, w.segment)
		if ticket, ok := r.get(key); ok && string(ticket) == w.ticket {
			s.index.remove(key)
			s.index.remove(segmentKey(keyStale, w.segment))
		}
	})
	return nil
}

// seal lets the log go on in another segment if it grows in this one.
func (s *Store) seal(ctx context.Context, number uint32) error {
	s.mu.RLock()
	grows := s.active.number == number
	s.mu.RUnlock()
	if !grows {
		return nil
	}
	return s.submit(ctx, &request{done: make(chan struct{}), control: func() error {
		if s.active.number != number {
			return nil
		}
		if err := s.ready(); err != nil {
			return err
		}
		if s.active.number != number { // mending began another
			return nil
		}
		err := s.beginSegment()
		if err != nil && !isFull(err) {
			return s.fail(err)
		}
		return err
	}})
}

// rewrite puts a copy without erased bodies in a segment's place. Whatever
// happens before the end, the old one or the new one is found, and the order
// to rewrite it stands.
func (s *Store) rewrite(seg *segment) (wiped []wiki.ID, err error) {
	name := segmentName(seg.number)
	file, err := s.files.Open(name+".tmp", true)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			file.Close()
			_ = s.files.Remove(name + ".tmp") // Open removes it otherwise
		}
	}()
	if err = file.Truncate(0); err != nil {
		return nil, err
	}
	if wiped, err = s.copyTo(file, seg); err != nil {
		return nil, err
	}
	if err = file.Sync(); err != nil {
		return nil, err
	}
	if err = s.files.Rename(name+".tmp", name); err != nil {
		return nil, err
	}
	if err = s.files.SyncDir(logFolder); err != nil {
		return nil, err
	}
	seg.swap(file)
	return wiped, nil
}

// copyTo writes a segment's records to a file, each at its old place.
func (s *Store) copyTo(file wiki.File, seg *segment) (wiped []wiki.ID, err error) {
	w := bufio.NewWriterSize(io.NewOffsetWriter(file, 0), 1<<20)
	start := int64(0)
	if seg.intact {
		start = segmentHeader
		if _, err = w.Write(seg.head.bytes()); err != nil {
			return nil, err
		}
	}
	err = scan(seg, start, seg.end, func(f found) error {
		select {
		case <-s.stop:
			return wiki.ErrClosed
		default:
		}
		b, id := s.retained(seg, f)
		if !id.IsZero() {
			wiped = append(wiped, id)
		}
		_, err := w.Write(b)
		return err
	})
	if err == nil {
		err = w.Flush()
	}
	return wiped, err
}

// retained returns what stays of a stretch of the log, in as many bytes, and
// the revision whose body does not. What does not read or was superseded by a
// repaired copy may hold erased bytes, too.
func (s *Store) retained(seg *segment, f found) (b []byte, wiped wiki.ID) {
	rec := f.record
	if f.damaged || rec.kind == filler {
		return appendFillers(nil, f.length, rec.seq), wiped
	}
	var e entry
	var held bool
	s.view(func(r *reader) { e, held = r.entry(rec.id) })
	if held && e.at != (location{seg.number, f.offset, f.length}) {
		return appendFillers(nil, f.length, rec.seq), wiped
	}
	if header, err := headerIn(rec); held && e.Erased && rec.kind == whole && err == nil {
		payload := make([]byte, len(rec.payload))
		copy(payload, header)
		rec.kind, rec.payload, wiped = bare, payload, rec.id
	}
	return rec.append(make([]byte, 0, f.length)), wiped
}
