package store

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/argss/argss/wiki"
)

// location says where a record stands in the log.
type location struct {
	segment        uint32
	offset, length int64
}

// entry is what the index keeps of a revision.
type entry struct {
	wiki.Entry
	at   location
	bare bool // the record at that place holds no body
}

const (
	flagErased = 1 << iota
	flagBare
	flagToken
)

// append appends the entry's bytes without the ID, which is the key.
func (e *entry) append(b []byte) []byte {
	token, _ := hex.DecodeString(e.Header.Token) // checked by the header's reader
	b = append(b, e.flags())
	b = binary.AppendUvarint(b, uint64(e.Seq))
	b = binary.AppendUvarint(b, uint64(e.at.segment))
	b = binary.AppendUvarint(b, uint64(e.at.offset))
	b = binary.AppendUvarint(b, uint64(e.at.length))
	b = binary.AppendUvarint(b, uint64(e.Header.Time))
	for _, s := range []string{string(e.Header.Kind), e.Header.Page, e.Header.Author} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	b = append(b, e.Header.Body[:]...)
	b = append(b, token...)
	for i := range e.Header.Parents {
		b = append(b, e.Header.Parents[i][:]...)
	}
	return b
}

func (e *entry) flags() (f byte) {
	if e.Erased {
		f |= flagErased
	}
	if e.bare {
		f |= flagBare
	}
	if e.Header.Token != "" {
		f |= flagToken
	}
	return f
}

var errEntry = errors.New("an entry of the index is too short")

// parseEntry reads an entry's bytes.
func parseEntry(id wiki.ID, b []byte) (entry, error) {
	d := decoder{rest: b}
	flags := d.take(1)
	e := entry{Entry: wiki.Entry{ID: id, Seq: wiki.Seq(d.uvarint())}}
	e.at = location{segment: uint32(d.uvarint()), offset: int64(d.uvarint()), length: int64(d.uvarint())}
	e.Header.Time = int64(d.uvarint())
	e.Header.Kind = wiki.Kind(d.text())
	e.Header.Page = d.text()
	e.Header.Author = d.text()
	e.Header.Body = d.hash()
	if d.failed {
		return entry{}, fmt.Errorf("%w: %s", errEntry, id.Short())
	}
	e.Erased, e.bare = flags[0]&flagErased != 0, flags[0]&flagBare != 0
	if flags[0]&flagToken != 0 {
		e.Header.Token = d.hash().String()
	}
	for len(d.rest) > 0 && !d.failed {
		e.Header.Parents = append(e.Header.Parents, d.hash())
	}
	if d.failed {
		return entry{}, fmt.Errorf("%w: %s", errEntry, id.Short())
	}
	return e, nil
}

// decoder takes values off a slice; after a failure it gives zeros.
type decoder struct {
	rest   []byte
	failed bool
}

func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.rest)) {
		d.failed = true
		d.rest = nil
		return nil
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	if n <= 0 {
		d.failed = true
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) text() string { return string(d.take(d.uvarint())) }

func (d *decoder) hash() (h wiki.Hash) {
	copy(h[:], d.take(uint64(len(h))))
	return h
}
