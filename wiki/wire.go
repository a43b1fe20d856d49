package wiki

import (
	"fmt"
	"strings"
)

const docPrefix = "rev:"

// DocID returns the CouchDB document _id of a revision.
func DocID(id ID) string { return docPrefix + id.String() }

// ParseDocID is the inverse of DocID.
func ParseDocID(s string) (ID, error) {
	digits, ok := strings.CutPrefix(s, docPrefix)
	if !ok {
		return ID{}, fmt.Errorf("a document's _id begins with %q", docPrefix)
	}
	return ParseHash(digits)
}

// Rev returns the CouchDB _rev of a revision's document. It is the same on
// every box, so a database never sees a conflict of its own making.
func Rev(id ID) string { return "1-" + id.String()[:32] }

// AppendWire appends the document as it travels: canonical bytes plus _id and
// _rev. Parse reads it back.
func (r Revision) AppendWire(b []byte) []byte {
	b = append(b, `{"_id":"`+DocID(r.ID)+`","_rev":"`+Rev(r.ID)+`",`...) // nothing to escape
	return append(b, r.document[1:]...)
}
