package store

import (
	"encoding/binary"
	"errors"
	"hash/crc32"

	"github.com/argss/argss/wiki"
)

// recordKind is a record's type on disk.
type recordKind byte

const (
	whole  recordKind = 1
	bare   recordKind = 2
	filler recordKind = 3
)

const (
	recordMagic  = "\xffREV"
	recordHeader = 64
	maxPayload   = wiki.MaxDocument
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// record is one record of the log. The payload may be borrowed.
type record struct {
	kind    recordKind
	batch   uint32
	seq     wiki.Seq
	id      wiki.ID
	payload []byte
}

// size returns the bytes the record takes on disk.
func (r *record) size() int64 { return recordHeader + int64(len(r.payload)) }

// append appends the record's bytes.
func (r *record) append(b []byte) []byte {
	start := len(b)
	b = append(b, recordMagic...)
	b = append(b, byte(r.kind), 0, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(r.payload)))
	b = binary.LittleEndian.AppendUint32(b, r.batch)
	b = binary.LittleEndian.AppendUint64(b, uint64(r.seq))
	b = append(b, r.id[:]...)
	b = binary.LittleEndian.AppendUint32(b, checksum(r.payload))
	b = binary.LittleEndian.AppendUint32(b, checksum(b[start:]))
	return append(b, r.payload...)
}

// recordHead is what the first 64 bytes say.
type recordHead struct {
	record
	length   int    // of the payload
	checksum uint32 // of the payload
}

var errRecord = errors.New("not a record")

// parseRecordHead reads a header that starts at b. Everything in it can be
// relied upon when there is no error.
func parseRecordHead(b []byte) (recordHead, error) {
	if len(b) < recordHeader || string(b[:4]) != recordMagic ||
		binary.LittleEndian.Uint32(b[60:]) != checksum(b[:60]) {
		return recordHead{}, errRecord
	}
	h := recordHead{
		record: record{
			kind:  recordKind(b[4]),
			batch: binary.LittleEndian.Uint32(b[12:]),
			seq:   wiki.Seq(binary.LittleEndian.Uint64(b[16:])),
			id:    wiki.ID(b[24:56]),
		},
		length:   int(binary.LittleEndian.Uint32(b[8:])),
		checksum: binary.LittleEndian.Uint32(b[56:]),
	}
	if h.kind < whole || h.kind > filler || b[5] != 0 || h.length > maxPayload {
		return recordHead{}, errRecord
	}
	return h, nil
}

// parseRecord reads the record that fills b.
func parseRecord(b []byte) (record, error) {
	h, err := parseRecordHead(b)
	if err != nil {
		return record{}, err
	}
	if len(b) != recordHeader+h.length || checksum(b[recordHeader:]) != h.checksum {
		return record{}, errRecord
	}
	h.payload = b[recordHeader:]
	return h.record, nil
}
