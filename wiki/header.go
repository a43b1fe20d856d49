package wiki

import (
	"errors"
	"fmt"
	"time"
	"unicode"
)

// Kind says what a revision does to its page. A kind this version does not
// know is kept and copied, and shown as written by a newer version.
type Kind string

// The kinds this version reads.
const (
	Edit   Kind = "edit"   // the page's text
	Upload Kind = "upload" // the page is a file, its content in blobs
	Delete Kind = "delete" // the page is gone; its history stays
	Rename Kind = "rename" // the page moved; a reader is sent to the target
	Erase  Kind = "erase"  // a keeper's record that drops the bodies of others
)

// MaxParents bounds how many heads one save may join.
const MaxParents = 256

// Header is the part of a revision that its ID names and that is never erased.
type Header struct {
	Page    string
	Parents []ID // ascending, each once
	Author  string
	Time    int64 // milliseconds since 1970 UTC, by the writer's clock
	Kind    Kind
	Token   string // hash of account and idempotency token, or ""
	Body    Hash   // SHA-256(salt ‖ canonical body)
}

// When returns Time as a time in UTC.
func (h Header) When() time.Time { return time.UnixMilli(h.Time).UTC() }

// TokenHash returns what a header says of the idempotency token of a save by
// account, so that two boxes that saw the same request know it for one save.
// No token has the hash "".
func TokenHash(account, token string) string {
	if token == "" {
		return ""
	}
	return HashOf([]byte(account + "\x00" + token)).String()
}

func (h Header) node() node {
	parents := node{kind: nodeArray}
	for _, p := range h.Parents {
		parents.items = append(parents.items, stringNode(p.String()))
	}
	return objectNode(
		member{"author", stringNode(h.Author)},
		member{"body", stringNode(h.Body.String())},
		member{"kind", stringNode(string(h.Kind))},
		member{"page", stringNode(h.Page)},
		member{"parents", parents},
		member{"time", integerNode(h.Time)},
		member{"token", stringNode(h.Token)},
	)
}

// ParseHeader reads the canonical bytes of a header, as an index keeps them.
func ParseHeader(data []byte) (Header, error) {
	n, err := parseJSON(data)
	if err != nil {
		return Header{}, fmt.Errorf("read header: %w", err)
	}
	return parseHeader(&n)
}

func parseHeader(n *node) (Header, error) {
	if n.kind != nodeObject {
		return Header{}, errors.New("the header is not an object")
	}
	h, err := readHeader(n)
	if err != nil {
		return Header{}, fmt.Errorf("header: %w", err)
	}
	return h, h.check()
}

func readHeader(n *node) (h Header, err error) {
	if h.Author, err = n.str("author"); err != nil {
		return h, err
	}
	if h.Body, err = n.hash("body"); err != nil {
		return h, err
	}
	kind, err := n.str("kind")
	if err != nil {
		return h, err
	}
	h.Kind = Kind(kind)
	if h.Page, err = n.str("page"); err != nil {
		return h, err
	}
	if h.Parents, err = n.hashes("parents"); err != nil {
		return h, err
	}
	if h.Time, err = n.natural("time"); err != nil {
		return h, err
	}
	h.Token, err = n.str("token")
	return h, err
}

func (h *Header) check() error {
	if err := CheckName(h.Page); err != nil {
		return err
	}
	if err := checkKind(h.Kind); err != nil {
		return err
	}
	if len(h.Parents) > MaxParents {
		return fmt.Errorf("header: %d parents, at most %d", len(h.Parents), MaxParents)
	}
	if h.Kind == Erase && len(h.Parents) > 0 {
		return errors.New("header: an erase record stands outside the ancestry and has no parents")
	}
	for i := 1; i < len(h.Parents); i++ {
		if h.Parents[i-1].Compare(h.Parents[i]) >= 0 {
			return errors.New("header: parents are not in ascending order")
		}
	}
	if h.Token != "" {
		if _, err := ParseHash(h.Token); err != nil {
			return fmt.Errorf("header: token: %w", err)
		}
	}
	return checkLine("author", h.Author, 128)
}

func checkKind(k Kind) error {
	if len(k) == 0 || len(k) > 32 {
		return errors.New("header: a kind is a word of 1 to 32 letters")
	}
	for i := 0; i < len(k); i++ {
		if k[i] < 'a' || k[i] > 'z' {
			return errors.New("header: a kind is a word of lower-case letters")
		}
	}
	return nil
}

// checkLine tells whether s is at most max bytes of text without controls.
func checkLine(what, s string, max int) error {
	if len(s) > max {
		return fmt.Errorf("%s: %d bytes long, at most %d", what, len(s), max)
	}
	for _, r := range s {
		if unicode.IsControl(r) { // a set that Unicode promises never to change
			return fmt.Errorf("%s: contains the character U+%04X", what, r)
		}
	}
	return nil
}
