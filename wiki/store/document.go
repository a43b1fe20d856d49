package store

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/argss/argss/wiki"
)

var errDocument = errors.New("not a canonical document")

// headerOf returns the header's canonical bytes within a document's, checked
// against the revision's ID. It reads no more JSON than it must: a rebuild goes
// through every document there is.
func headerOf(document []byte, id wiki.ID) ([]byte, error) {
	at := bytes.IndexByte(document, ':') + 1 // behind "body" or "erased"
	end, ok := skipObject(document, at)
	if !ok || !bytes.HasPrefix(document[end:], []byte(`,"header":`)) {
		return nil, errDocument
	}
	at = end + len(`,"header":`)
	if end, ok = skipObject(document, at); !ok {
		return nil, errDocument
	}
	header := document[at:end]
	if wiki.HashOf(header) != id {
		return nil, fmt.Errorf("%w: the header of another revision", errDocument)
	}
	return header, nil
}

// skipObject returns the end of the object that begins at an offset.
func skipObject(b []byte, at int) (end int, ok bool) {
	if at >= len(b) || b[at] != '{' {
		return 0, false
	}
	depth := 0
	for ; at < len(b); at++ {
		switch b[at] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return at + 1, true
			}
		case '"':
			if at = skipString(b, at+1); at < 0 {
				return 0, false
			}
		}
	}
	return 0, false
}

// skipString returns the offset of the quote that ends a string, or -1.
func skipString(b []byte, at int) int {
	for at < len(b) {
		i := bytes.IndexAny(b[at:], `"\`)
		if i < 0 {
			return -1
		}
		if at += i; b[at] == '"' {
			return at
		}
		at += 2
	}
	return -1
}

// withoutBody builds the document of an erased revision from its header's
// bytes and the record that erased it.
func withoutBody(header []byte, record wiki.Revision) (wiki.Revision, error) {
	b := append([]byte(`{"erased":`), record.Document()...)
	b = append(b, `,"header":`...)
	b = append(b, header...)
	return wiki.Parse(append(b, '}'))
}
