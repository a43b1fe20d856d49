package wiki

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds nesting in a document: real documents need four.
const maxDepth = 16

// maxInteger is the largest integer every JSON reader keeps exact.
const maxInteger = 1<<53 - 1

// Canonical returns the canonical bytes of one JSON value: RFC 8785 with the
// restrictions the package comment lists. Bytes that have no canonical form
// are an error that says where and why.
func Canonical(data []byte) ([]byte, error) {
	v, err := parseJSON(data)
	if err != nil {
		return nil, err
	}
	return v.append(make([]byte, 0, len(data))), nil
}

// node is one JSON value. Members are sorted and free of duplicates and of
// names that start with "_".
type node struct {
	kind    nodeKind
	text    string // of a string
	integer int64
	items   []node
	members []member
	source  []byte // canonical bytes it was read from, or nil
}

type nodeKind byte

const (
	nodeNull nodeKind = iota
	nodeFalse
	nodeTrue
	nodeInteger
	nodeString
	nodeArray
	nodeObject
)

type member struct {
	name  string
	value node
}

// get returns the named member of an object.
func (n *node) get(name string) (*node, bool) {
	for i := range n.members {
		if n.members[i].name == name {
			return &n.members[i].value, true
		}
	}
	return nil, false
}

func stringNode(s string) node { return node{kind: nodeString, text: s} }

func integerNode(i int64) node { return node{kind: nodeInteger, integer: i} }

// objectNode sorts members into canonical order; names must be distinct.
func objectNode(members ...member) node {
	slices.SortFunc(members, func(a, b member) int { return compareUTF16(a.name, b.name) })
	return node{kind: nodeObject, members: members}
}

// canonical returns the value's canonical bytes, for reading only.
func (n *node) canonical() []byte {
	if n.source != nil {
		return n.source
	}
	return n.append(nil)
}

// seal writes the canonical bytes of a value this program made, once for all.
// A parser would refuse what is refused here: a revision must not be made that
// no box can read.
func (n *node) seal() error {
	if err := n.check(); err != nil {
		return err
	}
	n.source = n.append(make([]byte, 0, n.size()))
	return nil
}

func (n *node) check() error {
	switch {
	case n.kind == nodeString && !utf8.ValidString(n.text):
		return fmt.Errorf("invalid UTF-8 in %.40q", n.text)
	case n.kind == nodeInteger && (n.integer > maxInteger || n.integer < -maxInteger):
		return fmt.Errorf("%d is out of range", n.integer)
	}
	for i := range n.items {
		if err := n.items[i].check(); err != nil {
			return err
		}
	}
	for i := range n.members {
		if err := n.members[i].value.check(); err != nil {
			return fmt.Errorf("%s: %w", n.members[i].name, err)
		}
	}
	return nil
}

// size is about how long the canonical bytes get.
func (n *node) size() int {
	size := 24 + len(n.text) + len(n.text)/16
	for i := range n.items {
		size += n.items[i].size()
	}
	for i := range n.members {
		size += len(n.members[i].name) + n.members[i].value.size()
	}
	return size
}

func (n *node) append(b []byte) []byte {
	if n.source != nil {
		return append(b, n.source...)
	}
	switch n.kind {
	case nodeNull:
		return append(b, "null"...)
	case nodeFalse:
		return append(b, "false"...)
	case nodeTrue:
		return append(b, "true"...)
	case nodeInteger:
		return strconv.AppendInt(b, n.integer, 10)
	case nodeString:
		return appendString(b, n.text)
	case nodeArray:
		return n.appendItems(b)
	case nodeObject:
		return n.appendMembers(b)
	}
	panic(fmt.Sprintf("wiki: JSON node of kind %d", n.kind))
}

func (n *node) appendItems(b []byte) []byte {
	b = append(b, '[')
	for i := range n.items {
		if i > 0 {
			b = append(b, ',')
		}
		b = n.items[i].append(b)
	}
	return append(b, ']')
}

func (n *node) appendMembers(b []byte) []byte {
	b = append(b, '{')
	for i := range n.members {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, n.members[i].name)
		b = append(b, ':')
		b = n.members[i].value.append(b)
	}
	return append(b, '}')
}

const hexDigits = "0123456789abcdef"

// appendString writes a JSON string as RFC 8785 section 3.2.2.2 demands.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		b = appendEscaped(b, rune(s[i]))
		start = i + 1
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// appendEscaped writes one character as it stands in a canonical string: the
// seven short escapes, lower-case \u00xx for other controls, the rest as is.
func appendEscaped(b []byte, r rune) []byte {
	if r >= 0x20 && r != '"' && r != '\\' {
		return utf8.AppendRune(b, r)
	}
	if short := strings.IndexByte("\b\t\n\f\r\"\\", byte(r)); short >= 0 {
		return append(b, '\\', `btnfr"\`[short])
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[r>>4], hexDigits[r&15])
}

// compareUTF16 orders names by UTF-16 code units (RFC 8785 section 3.2.3),
// which differs from byte order only above U+D7FF.
func compareUTF16(a, b string) int {
	for a != "" && b != "" {
		ra, na := utf8.DecodeRuneInString(a)
		rb, nb := utf8.DecodeRuneInString(b)
		if ra != rb {
			return compareUnits(ra, rb)
		}
		a, b = a[na:], b[nb:]
	}
	return len(a) - len(b)
}

func compareUnits(a, b rune) int {
	ua, ub := a, b
	if a > 0xFFFF {
		ua, _ = utf16.EncodeRune(a)
	}
	if b > 0xFFFF {
		ub, _ = utf16.EncodeRune(b)
	}
	if ua != ub {
		return int(ua - ub)
	}
	return int(a - b)
}
