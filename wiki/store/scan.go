package store

import (
	"bytes"
	"errors"
	"io"
)

// found is what a scan meets: a record, or a stretch that is none.
type found struct {
	offset, length int64
	record         record // of a damaged one what its header says, if that is good
	damaged        bool
	unreadable     bool // the disk gave an error: nothing is known of the bytes
}

func (f found) end() int64 { return f.offset + f.length }

// scan reads a segment's records from an offset to an end, in order. Payloads
// are valid during visit only. After damage it goes on at the next record that
// has a good header. An error is visit's.
func scan(file io.ReaderAt, from, to int64, visit func(found) error) error {
	w := window{file: file, end: to}
	for at := from; at < to; {
		f := w.next(at)
		if err := visit(f); err != nil {
			return err
		}
		at = f.end()
	}
	return nil
}

// next returns what begins at an offset.
func (w *window) next(at int64) found {
	b, err := w.bytes(at, recordHeader)
	if err != nil {
		return w.damage(at, true)
	}
	h, err := parseRecordHead(b)
	if err != nil {
		return w.damage(at, false)
	}
	f := found{offset: at, length: recordHeader + int64(h.length), record: h.record}
	if f.end() > w.end {
		f.length, f.damaged = w.end-at, true
		return f
	}
	if b, err = w.bytes(at, int(f.length)); err != nil {
		f.damaged, f.unreadable = true, true
		return f
	}
	f.record.payload = b[recordHeader:]
	f.damaged = checksum(f.record.payload) != h.checksum
	return f
}

// damage returns the stretch from an offset to the next good header.
func (w *window) damage(from int64, unreadable bool) found {
	f := found{offset: from, damaged: true, unreadable: unreadable}
	at := from + 1
	for at < w.end {
		b, err := w.bytes(at, readAhead)
		if err != nil {
			if b, err = w.bytes(at, page); err != nil {
				f.unreadable = true
				at += page - at%page
				continue
			}
		}
		i := bytes.Index(b, []byte(recordMagic))
		if i < 0 {
			at += int64(max(1, len(b)-len(recordMagic)+1))
			continue
		}
		at += int64(i)
		if head, err := w.bytes(at, recordHeader); err == nil {
			if _, err = parseRecordHead(head); err == nil {
				break
			}
		}
		at++
	}
	f.length = min(at, w.end) - from
	return f
}

const (
	page      = 4096
	readAhead = 256 << 10
)

// window reads a file in large pieces.
type window struct {
	file  io.ReaderAt
	end   int64
	start int64
	buf   []byte
}

// bytes returns up to n bytes at an offset, fewer only at the end. They are
// valid until the next call.
func (w *window) bytes(at int64, n int) ([]byte, error) {
	n = int(min(int64(n), w.end-at))
	if at >= w.start && at+int64(n) <= w.start+int64(len(w.buf)) {
		return w.buf[at-w.start:][:n], nil
	}
	if err := w.fill(at, int(min(int64(max(n, readAhead)), w.end-at))); err == nil {
		return w.buf[:n], nil
	}
	// One bad sector must not hide its neighbours.
	if err := w.fill(at, n); err != nil {
		return nil, err
	}
	return w.buf, nil
}

func (w *window) fill(at int64, n int) error {
	if cap(w.buf) < n {
		w.buf = make([]byte, n)
	}
	w.start, w.buf = at, w.buf[:n]
	got, err := w.file.ReadAt(w.buf, at)
	if got == n {
		return nil
	}
	w.buf = w.buf[:0]
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return err
}
