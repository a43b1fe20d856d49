package wiki

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
)

// MaxDocument is the largest document in bytes a box takes. Texts are limited
// to MaxText; escaping can double them.
const MaxDocument = 4 << 20

// ErrDocument is what every refusal of a document wraps: its bytes are not a
// revision, whoever sends them and however often.
var ErrDocument = errors.New("not a revision")

// Revision is one immutable version of a page: a header, and a body unless it
// was erased. Values are made by New or Parse, which check them; treat them
// and everything they point to as read-only.
type Revision struct {
	ID     ID
	Header Header
	Salt   Hash      // of the body; zero when erased
	Body   *Body     // nil when erased
	Erased *Revision // the record that erased the body, or nil

	document []byte
}

// New makes the revision of a header and a body. It sets the header's Body
// hash and sorts its Parents; salt must be 32 fresh random bytes. What it
// returns passes Parse.
func New(h Header, b Body, salt Hash) (Revision, error) {
	body := b.node(h.Kind)
	if err := body.seal(); err != nil {
		return Revision{}, fmt.Errorf("%w: body: %w", ErrDocument, err)
	}
	h.Body = bodyHash(salt, body.source)
	h.Parents = SortIDs(append([]ID(nil), h.Parents...))
	header := h.node()
	if err := header.seal(); err != nil {
		return Revision{}, fmt.Errorf("%w: header: %w", ErrDocument, err)
	}
	doc := objectNode(
		member{"body", body},
		member{"header", header},
		member{"salt", stringNode(salt.String())},
	)
	r, err := parseDocument(&doc, len(body.source)+len(header.source)+128)
	if err == nil && len(r.document) > MaxDocument {
		err = fmt.Errorf("%d bytes long, at most %d", len(r.document), MaxDocument)
	}
	if err != nil {
		return Revision{}, fmt.Errorf("%w: %w", ErrDocument, err)
	}
	return r, nil
}

// NewSalt reads a salt from a source of random bytes.
func NewSalt(random io.Reader) (Hash, error) {
	var salt Hash
	if _, err := io.ReadFull(random, salt[:]); err != nil {
		return Hash{}, fmt.Errorf("draw a salt: %w", err)
	}
	return salt, nil
}

// Parse reads a document and checks all that can be known from its bytes
// alone: form, limits, the body against its hash, an erased one's record
// (though not who may sign such a record: see Gate). Errors wrap ErrDocument.
func Parse(document []byte) (Revision, error) {
	if len(document) > MaxDocument {
		return Revision{}, fmt.Errorf("%w: %d bytes long, at most %d", ErrDocument, len(document), MaxDocument)
	}
	doc, err := parseJSON(document)
	if err != nil {
		return Revision{}, fmt.Errorf("%w: %w", ErrDocument, err)
	}
	r, err := parseDocument(&doc, len(document))
	if err != nil {
		return Revision{}, fmt.Errorf("%w: %w", ErrDocument, err)
	}
	return r, nil
}

// Document returns the canonical bytes. They belong to the revision.
func (r Revision) Document() []byte { return r.document }

// Equal tells whether two values are the same bytes: the same revision, both
// with their body or both without.
func (r Revision) Equal(o Revision) bool { return string(r.document) == string(o.document) }

// WithoutBody returns what remains of r once the record erased it.
func (r Revision) WithoutBody(record Revision) (Revision, error) {
	erased, err := parseJSON(record.document)
	if err != nil {
		return Revision{}, fmt.Errorf("erase %s: %w", r.ID.Short(), err)
	}
	whole, err := parseJSON(r.document)
	if err != nil {
		return Revision{}, fmt.Errorf("erase %s: %w", r.ID.Short(), err)
	}
	header, _ := whole.get("header")
	doc := objectNode(member{"erased", erased}, member{"header", *header})
	return parseDocument(&doc, len(record.document)+1024)
}

// parseDocument makes the revision; size is about how long its document gets.
func parseDocument(doc *node, size int) (Revision, error) {
	if doc.kind != nodeObject {
		return Revision{}, errors.New("not a JSON object")
	}
	header, ok := doc.get("header")
	if !ok {
		return Revision{}, errors.New("no header")
	}
	h, err := parseHeader(header)
	if err != nil {
		return Revision{}, err
	}
	r := Revision{
		ID:       HashOf(header.canonical()),
		Header:   h,
		document: doc.append(make([]byte, 0, size)),
	}
	if _, ok := doc.get("erased"); ok {
		return r, r.parseErased(doc)
	}
	return r, r.parseBody(doc)
}

func (r *Revision) parseBody(doc *node) error {
	if err := doc.only("body", "header", "salt"); err != nil {
		return err
	}
	body, ok := doc.get("body")
	if !ok {
		return errors.New("no body")
	}
	var err error
	if r.Salt, err = doc.hash("salt"); err != nil {
		return err
	}
	if bodyHash(r.Salt, body.canonical()) != r.Header.Body {
		return errors.New("the body is not the one its header names")
	}
	b, err := parseBody(body, r.Header.Kind)
	r.Body = &b
	return err
}

func (r *Revision) parseErased(doc *node) error {
	if err := doc.only("erased", "header"); err != nil {
		return err
	}
	if r.Header.Kind == Erase {
		return errors.New("an erase record cannot be erased")
	}
	inner, _ := doc.get("erased")
	record, err := parseDocument(inner, 1024)
	if err != nil {
		return fmt.Errorf("erase record: %w", err)
	}
	r.Erased = &record
	return record.erases(r)
}

func bodyHash(salt Hash, canonical []byte) Hash {
	h := sha256.New()
	h.Write(salt[:])
	h.Write(canonical)
	return Hash(h.Sum(nil))
}
