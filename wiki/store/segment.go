package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/argss/argss/wiki"
)

const (
	segmentMagic   = "ARGSSLOG"
	segmentVersion = 1
	segmentHeader  = 64
	logFolder      = "log"
)

func segmentName(number uint32) string { return fmt.Sprintf("%s/%010d.seg", logFolder, number) }

func segmentNumber(name string) (uint32, bool) {
	var number uint32
	_, err := fmt.Sscanf(name, "%010d.seg", &number)
	return number, err == nil && number > 0 && segmentName(number) == logFolder+"/"+name
}

// segment is one file of the log.
type segment struct {
	number uint32
	head   segmentHead
	intact bool  // the header reads
	end    int64 // of the last record; the committer's, others read it under the store's lock

	mu   sync.RWMutex // held for reading while file is in use
	file wiki.File
}

// segmentHead is a segment's header.
type segmentHead struct {
	layout   uint32
	number   uint32
	base     wiki.Seq
	identity uuid
}

func (h segmentHead) bytes() []byte {
	b := make([]byte, 0, segmentHeader)
	b = append(b, segmentMagic...)
	b = binary.LittleEndian.AppendUint32(b, segmentVersion)
	b = binary.LittleEndian.AppendUint32(b, h.layout)
	b = binary.LittleEndian.AppendUint64(b, uint64(h.number))
	b = binary.LittleEndian.AppendUint64(b, uint64(h.base))
	b = append(b, h.identity[:]...)
	b = append(b, make([]byte, 12)...)
	return binary.LittleEndian.AppendUint32(b, checksum(b))
}

var errSegmentHead = errors.New("the segment's header is damaged")

// parseSegmentHead reads a header. A later format's is an error of its own: an
// older program must not take a newer log for a damaged one.
func parseSegmentHead(b []byte) (segmentHead, error) {
	if len(b) != segmentHeader || string(b[:8]) != segmentMagic ||
		binary.LittleEndian.Uint32(b[60:]) != checksum(b[:60]) {
		return segmentHead{}, errSegmentHead
	}
	if v := binary.LittleEndian.Uint32(b[8:]); v != segmentVersion {
		return segmentHead{}, fmt.Errorf("the segment has format version %d, and this program reads %d", v, segmentVersion)
	}
	return segmentHead{
		layout:   binary.LittleEndian.Uint32(b[12:]),
		number:   uint32(binary.LittleEndian.Uint64(b[16:])),
		base:     wiki.Seq(binary.LittleEndian.Uint64(b[24:])),
		identity: uuid(b[32:48]),
	}, nil
}

// openSegment opens a segment that is there. One whose header is damaged is
// opened too: its records may be good.
func openSegment(files wiki.Files, number uint32) (*segment, error) {
	file, err := files.Open(segmentName(number), false)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	s := &segment{number: number, file: file}
	if s.end, err = file.Size(); err == nil {
		err = s.readHead()
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("open log segment %d: %w", number, err)
	}
	return s, nil
}

func (s *segment) readHead() error {
	b := make([]byte, segmentHeader)
	n, err := s.file.ReadAt(b, 0)
	if n < len(b) {
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
	s.head, err = parseSegmentHead(b)
	if errors.Is(err, errSegmentHead) || err == nil && s.head.number != s.number {
		return nil
	}
	s.intact = err == nil
	return err
}

// createSegment makes an empty segment, durable with its name.
func createSegment(files wiki.Files, head segmentHead) (*segment, error) {
	name := segmentName(head.number)
	file, err := files.Open(name, true)
	if err != nil {
		return nil, fmt.Errorf("begin log segment: %w", err)
	}
	_, err = file.WriteAt(head.bytes(), 0)
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		err = files.SyncDir(logFolder)
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("begin log segment %d: %w", head.number, err)
	}
	return &segment{number: head.number, head: head, intact: true, end: segmentHeader, file: file}, nil
}

// ReadAt implements io.ReaderAt over the file that is in place.
func (s *segment) ReadAt(p []byte, offset int64) (int, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.file.ReadAt(p, offset)
}

// swap puts another file with the same records in place.
func (s *segment) swap(file wiki.File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.file.Close() // only read from, so nothing can be lost
	s.file = file
}
