package wiki

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// parseJSON reads exactly one JSON value, refusing everything that two readers
// could understand differently. encoding/json is too forgiving here: it mends
// lone surrogates and invalid UTF-8 and takes the last of two equal members,
// and a mended document no longer hashes to the ID it was given.
func parseJSON(data []byte) (node, error) {
	p := parser{data: data}
	p.space()
	v, err := p.value(0)
	if err != nil {
		return node{}, err
	}
	p.space()
	if p.at < len(p.data) {
		return node{}, p.fail("text after the JSON value")
	}
	return v, nil
}

type parser struct {
	data  []byte
	at    int
	loose int // counts what is not as canonical bytes have it
}

func (p *parser) fail(what string) error {
	return fmt.Errorf("JSON at byte %d: %s", p.at, what)
}

// peek returns the byte at hand, or 0 at the end (0 starts no JSON token).
func (p *parser) peek() byte {
	if p.at < len(p.data) {
		return p.data[p.at]
	}
	return 0
}

func (p *parser) space() {
	for p.at < len(p.data) {
		switch p.data[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
			p.loose++
		default:
			return
		}
	}
}

// value reads one value. If all of it stands as canonical bytes have it, the
// node remembers where: most documents come from another box and need not be
// written again to be hashed.
func (p *parser) value(depth int) (node, error) {
	start, loose := p.at, p.loose
	n, err := p.anyValue(depth)
	if p.loose == loose {
		n.source = p.data[start:p.at]
	}
	return n, err
}

func (p *parser) anyValue(depth int) (node, error) {
	if depth > maxDepth {
		return node{}, p.fail(fmt.Sprintf("nested deeper than %d", maxDepth))
	}
	switch c := p.peek(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		s, err := p.str()
		return stringNode(s), err
	case c == '-' || c >= '0' && c <= '9':
		return p.integer()
	}
	return p.literal()
}

func (p *parser) literal() (node, error) {
	for _, l := range []struct {
		word string
		kind nodeKind
	}{{"null", nodeNull}, {"false", nodeFalse}, {"true", nodeTrue}} {
		if end := p.at + len(l.word); end <= len(p.data) && string(p.data[p.at:end]) == l.word {
			p.at = end
			return node{kind: l.kind}, nil
		}
	}
	return node{}, p.fail("expected a JSON value")
}

func (p *parser) integer() (node, error) {
	start := p.at
	if p.peek() == '-' {
		p.at++
	}
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.at++
	}
	text := string(p.data[start:p.at])
	if c := p.peek(); c == '.' || c == 'e' || c == 'E' {
		return node{}, p.fail("numbers must be whole, without fraction or exponent")
	}
	i, err := strconv.ParseInt(text, 10, 64)
	if err != nil || i > maxInteger || i < -maxInteger {
		return node{}, p.fail("number out of range")
	}
	if strconv.FormatInt(i, 10) != text {
		return node{}, p.fail("number with a needless zero")
	}
	return integerNode(i), nil
}

func (p *parser) array(depth int) (node, error) {
	n := node{kind: nodeArray}
	err := p.list(']', func() error {
		v, err := p.value(depth + 1)
		n.items = append(n.items, v)
		return err
	})
	return n, err
}

func (p *parser) object(depth int) (node, error) {
	n := node{kind: nodeObject}
	err := p.list('}', func() error {
		m, err := p.member(depth)
		n.members = append(n.members, m)
		return err
	})
	if err != nil {
		return node{}, err
	}
	byName := func(a, b member) int { return compareUTF16(a.name, b.name) }
	if !slices.IsSortedFunc(n.members, byName) {
		p.loose++
		slices.SortFunc(n.members, byName)
	}
	for i := 1; i < len(n.members); i++ {
		if n.members[i].name == n.members[i-1].name {
			return node{}, p.fail(fmt.Sprintf("member %.40q stands twice", n.members[i].name))
		}
	}
	all := len(n.members)
	n.members = slices.DeleteFunc(n.members, func(m member) bool {
		return len(m.name) > 0 && m.name[0] == '_'
	})
	p.loose += all - len(n.members)
	return n, nil
}

func (p *parser) member(depth int) (member, error) {
	if p.peek() != '"' {
		return member{}, p.fail("expected a member's name")
	}
	name, err := p.str()
	if err != nil {
		return member{}, err
	}
	p.space()
	if p.peek() != ':' {
		return member{}, p.fail("expected a colon")
	}
	p.at++
	p.space()
	v, err := p.value(depth + 1)
	return member{name, v}, err
}

// list reads elements, separated by commas, up to the closing byte.
func (p *parser) list(closing byte, element func() error) error {
	p.at++
	p.space()
	if p.peek() == closing {
		p.at++
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		p.space()
		switch p.peek() {
		case ',':
			p.at++
			p.space()
		case closing:
			p.at++
			return nil
		default:
			return p.fail(fmt.Sprintf("expected a comma or %q", closing))
		}
	}
}

// str reads a string; the opening quote is at hand.
func (p *parser) str() (string, error) {
	p.at++
	start := p.at
	p.plain()
	if p.peek() == '"' { // nothing escaped
		s := p.data[start:p.at]
		if !utf8.Valid(s) {
			return "", p.fail("invalid UTF-8")
		}
		p.at++
		return string(s), nil
	}
	return p.escapedString(start)
}

// plain goes to the next byte that does not stand for itself.
func (p *parser) plain() {
	for i, c := range p.data[p.at:] {
		if c == '"' || c == '\\' || c < 0x20 {
			p.at += i
			return
		}
	}
	p.at = len(p.data)
}

// escapedString goes on reading a string that began at start.
func (p *parser) escapedString(start int) (string, error) {
	var b strings.Builder
	b.Grow(p.stringEnd() - start)
	for p.at < len(p.data) {
		b.Write(p.data[start:p.at])
		switch c := p.data[p.at]; {
		case c == '"':
			p.at++
			if !utf8.ValidString(b.String()) {
				return "", p.fail("invalid UTF-8")
			}
			return b.String(), nil
		case c < 0x20:
			return "", p.fail("control character in a string")
		}
		r, err := p.escape()
		if err != nil {
			return "", err
		}
		if r < utf8.RuneSelf {
			b.WriteByte(byte(r))
		} else {
			b.WriteRune(r)
		}
		start = p.at
		p.plain()
	}
	return "", p.fail("string without an end")
}

// stringEnd returns where the quote stands that ends the string at hand: the
// text is never longer than its escaped form.
func (p *parser) stringEnd() int {
	at := p.at
	for at < len(p.data) && p.data[at] != '"' {
		if p.data[at] == '\\' {
			at++
		}
		at++
	}
	return min(at, len(p.data))
}

// escape reads one escape and tells by p.loose whether canonical bytes have it
// so.
func (p *parser) escape() (rune, error) {
	start := p.at
	r, err := p.anyEscape()
	if err != nil || p.at == start+2 && r != '/' { // a short one is the only way
		return r, err
	}
	var canonical [8]byte
	if !bytes.Equal(appendEscaped(canonical[:0], r), p.data[start:p.at]) {
		p.loose++
	}
	return r, err
}

func (p *parser) anyEscape() (rune, error) {
	p.at++ // the backslash
	c := p.peek()
	p.at++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 't':
		return '\t', nil
	case 'n':
		return '\n', nil
	case 'f':
		return '\f', nil
	case 'r':
		return '\r', nil
	case 'u':
		return p.unicodeEscape()
	}
	return 0, p.fail("unknown escape")
}

func (p *parser) unicodeEscape() (rune, error) {
	high, err := p.hex4()
	if err != nil {
		return 0, err
	}
	if !utf16.IsSurrogate(high) {
		return high, nil
	}
	if p.at+1 >= len(p.data) || p.data[p.at] != '\\' || p.data[p.at+1] != 'u' {
		return 0, p.fail("lone surrogate")
	}
	p.at += 2
	low, err := p.hex4()
	if err != nil {
		return 0, err
	}
	r := utf16.DecodeRune(high, low)
	if r == utf8.RuneError {
		return 0, p.fail("lone surrogate")
	}
	return r, nil
}

func (p *parser) hex4() (rune, error) {
	if p.at+4 > len(p.data) {
		return 0, p.fail("short \\u escape")
	}
	var r rune
	for _, c := range p.data[p.at : p.at+4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, p.fail("\\u escape with a digit that is not hexadecimal")
		}
	}
	p.at += 4
	return r, nil
}
