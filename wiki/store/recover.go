package store

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/argss/argss/wiki"
)

// recover brings the index up to the log's end and the log to an end that can
// be appended to. It runs before the store's goroutines, under mu.
func (s *Store) recover(covered position) error {
	last, err := s.catchUp(covered)
	if err != nil {
		return err
	}
	if last.seg == nil {
		return s.beginLocked()
	}
	s.active = last.seg
	grows := s.settle(last)
	switch err = s.mend(last, grows, s.beginLocked); {
	case isFull(err):
		s.log.Warn("the disk is full: the log's end is mended when there is room", "error", err)
		s.unmended = func() error { return s.mend(last, grows, s.beginSegment) }
	case err != nil:
		s.log.Error("the disk takes no writes: the store can be read only", "error", err)
		s.failure = err
	}
	if fault := s.try(s.judge); fault != nil {
		return fmt.Errorf("read the index: %w", fault)
	}
	return nil
}

// syncAll makes durable what a process left behind that died without power
// loss: it was not acknowledged, but from now on it is served. The last batch
// is written once more, because a sync that failed leaves pages in the kernel's
// cache that read well, count as clean and never reach the disk.
func (s *Store) syncAll(last sweep) error {
	from := last.synced
	if from <= segmentHeader {
		from = 0
	}
	file := last.seg.file
	b := make([]byte, last.end-from)
	if n, _ := file.ReadAt(b, from); n == len(b) { // else a sector in it is bad, and not in the cache
		if _, err := file.WriteAt(b, from); err != nil {
			return err
		}
	}
	return errors.Join(file.Sync(), s.files.SyncDir(logFolder), s.files.SyncDir("."))
}

// catchUp reads the log from a place on. If the index turns out damaged it is
// set aside and everything is read.
func (s *Store) catchUp(covered position) (sweep, error) {
	last, fault := s.replay(covered)
	if fault == nil {
		return last, nil
	}
	s.dropIndex(fault)
	if last, fault = s.replay(position{}); fault != nil {
		return last, fmt.Errorf("rebuild the index: %w", fault)
	}
	return last, nil
}

// sweep is what reading one segment found.
type sweep struct {
	seg    *segment
	synced int64 // up to here all was synced once
	end    int64 // of the last record
	bad    []found
}

// replay notes the log's records from a place on in the index. It returns the
// last segment's sweep; the others' damage is suspected at once. The index is
// flushed on the way: it may be larger than the memory.
func (s *Store) replay(from position) (last sweep, fault error) {
	numbers := s.numbers()
	for i, number := range numbers {
		seg := s.segments[number]
		s.raise(seg.head.base)
		s.index.put(segmentKey(keyLayout, number), layoutValue(seg))
		if number < from.segment {
			continue
		}
		start := int64(segmentHeader)
		if !seg.intact {
			start = 0
		}
		if number == from.segment {
			start = from.offset
		}
		if fault = s.try(func(r *reader) { last = s.replaySegment(r, seg, start) }); fault != nil {
			return last, fault
		}
		if i < len(numbers)-1 {
			s.suspect(seg, last.bad...)
			s.flushDuringReplay(position{number, seg.end})
		}
	}
	return last, nil
}

func (s *Store) replaySegment(r *reader, seg *segment, from int64) sweep {
	sw := sweep{seg: seg, synced: from, end: from}
	if from <= segmentHeader {
		sw.synced = 0
	}
	err := scan(seg, from, seg.end, func(f found) error {
		if !f.damaged {
			f.damaged = !s.replayRecord(r, seg, f)
		}
		if f.damaged {
			f.record.payload = nil
			sw.bad = append(sw.bad, f)
			return nil
		}
		sw.synced = max(sw.synced, int64(f.record.batch))
		sw.end = f.end()
		return nil
	})
	if err != nil {
		panic(err) // the visit above returns none
	}
	return sw
}

// replayRecord notes one record and tells whether it makes sense.
func (s *Store) replayRecord(r *reader, seg *segment, f found) bool {
	rec := f.record
	s.raise(rec.seq)
	if rec.kind == filler {
		return true
	}
	it, err := readItem(rec)
	if err != nil {
		return false
	}
	it.at = location{seg.number, f.offset, f.length}
	s.apply(r, it)
	return true
}

// readItem reads what the index needs of a record.
func readItem(rec record) (it item, err error) {
	var header []byte
	if header, err = headerIn(rec); err != nil {
		return it, err
	}
	it.ID, it.Seq, it.bare = rec.id, rec.seq, rec.kind == bare
	if it.Header, err = wiki.ParseHeader(header); err != nil {
		return it, err
	}
	if it.Header.Kind == wiki.Erase {
		revision, err := wiki.Parse(rec.payload)
		if err != nil {
			return it, err
		}
		it.erases = revision.Body.Erasure.Erases
	}
	return it, nil
}

// headerIn returns the header's bytes in a record, checked against its ID.
func headerIn(rec record) ([]byte, error) {
	if rec.kind == whole {
		return headerOf(rec.payload, rec.id)
	}
	header := bytes.TrimRight(rec.payload, "\x00")
	if wiki.HashOf(header) != rec.id {
		return nil, fmt.Errorf("%w: the header of another revision", errDocument)
	}
	return header, nil
}

// settle decides what the unreadable stretches of the last segment are. What
// was synced once is damaged. What was not is the torn rest of a batch that
// nobody was told of: mend cuts it off at the end and fills it elsewhere.
// settle tells whether the segment can grow.
func (s *Store) settle(sw sweep) (grows bool) {
	grows = sw.seg.intact
	for _, f := range sw.bad {
		if sw.damages(f) {
			s.suspect(sw.seg, f)
			grows = grows && f.end() <= sw.end
		}
	}
	if grows && sw.end != sw.seg.end {
		s.log.Info("cutting off a torn write", "segment", sw.seg.number, "offset", sw.end, "bytes", sw.seg.end-sw.end)
		sw.seg.end = sw.end
	}
	return grows
}

// damages tells whether an unreadable stretch was good once.
func (sw sweep) damages(f found) bool {
	return f.unreadable || f.offset < sw.synced || f.offset < segmentHeader
}

// mend brings the last segment to an end that can be appended to, or begins
// another. It can be done again after it failed.
func (s *Store) mend(sw sweep, grows bool, begin func() error) error {
	for _, f := range sw.bad {
		if !sw.damages(f) && f.offset < sw.end {
			s.log.Info("filling a torn write", "segment", sw.seg.number, "offset", f.offset, "bytes", f.length)
			if err := fill(sw.seg.file, f.offset, f.length); err != nil {
				return err
			}
		}
	}
	if size, err := sw.seg.file.Size(); grows && (err != nil || size != sw.end) {
		if err := sw.seg.file.Truncate(sw.end); err != nil {
			return err
		}
	}
	if err := s.syncAll(sw); err != nil || grows {
		return err
	}
	return begin()
}

// fill covers a stretch with fillers.
func fill(file wiki.File, offset, length int64) error {
	_, err := file.WriteAt(appendFillers(nil, length, 0), offset)
	return err
}

// appendFillers appends records that say nothing, of a total length. A stretch
// too short for one stays zero.
func appendFillers(b []byte, length int64, seq wiki.Seq) []byte {
	for length >= recordHeader {
		n := min(length, recordHeader+maxPayload)
		if rest := length - n; rest > 0 && rest < recordHeader {
			n -= recordHeader
		}
		f := record{kind: filler, seq: seq, payload: make([]byte, n-recordHeader)}
		b = f.append(b)
		length -= n
	}
	return append(b, make([]byte, length)...)
}
