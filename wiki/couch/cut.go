package couch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// cutter cuts the objects of a JSON array out of a stream without judging what
// is between their braces: whoever reads them does. encoding/json would go
// through every document several times before it is parsed.
type cutter struct {
	from io.Reader // nil: buf is all there is, and is left as it is
	buf  []byte    // read and not yet cut, from at on
	at   int
	past int64 // bytes that were dropped from buf
}

var errNotJSON = errors.New("not the JSON that was expected")

// firstFill is how much is read at first, and least, in bytes.
const firstFill = 64 << 10

// offset tells how many bytes were cut so far.
func (c *cutter) offset() int64 { return c.past + int64(c.at) }

// fill reads more behind what is there and drops what was cut.
func (c *cutter) fill() error {
	if c.from == nil {
		return io.ErrUnexpectedEOF
	}
	c.past += int64(c.at)
	kept := copy(c.buf, c.buf[c.at:])
	c.buf, c.at = c.buf[:kept], 0
	if cap(c.buf)-kept < firstFill/2 {
		c.buf = append(make([]byte, 0, 2*cap(c.buf)+firstFill), c.buf...)
	}
	for {
		n, err := c.from.Read(c.buf[kept:cap(c.buf)])
		c.buf = c.buf[:kept+n]
		switch {
		case n > 0:
			return nil
		case errors.Is(err, io.EOF):
			return io.ErrUnexpectedEOF
		case err != nil:
			return err
		}
	}
}

// peek returns the next byte that is no white space.
func (c *cutter) peek() (byte, error) {
	for {
		for ; c.at < len(c.buf); c.at++ {
			switch b := c.buf[c.at]; b {
			case ' ', '\t', '\n', '\r':
			default:
				return b, nil
			}
		}
		if err := c.fill(); err != nil {
			return 0, err
		}
	}
}

// expect takes tokens that must come next, white space between them or not.
func (c *cutter) expect(tokens ...string) error {
	for _, token := range tokens {
		if _, err := c.peek(); err != nil {
			return err
		}
		for len(c.buf)-c.at < len(token) {
			if err := c.fill(); err != nil {
				return err
			}
		}
		if !bytes.HasPrefix(c.buf[c.at:], []byte(token)) {
			return fmt.Errorf("%w: no %s at byte %d", errNotJSON, token, c.offset())
		}
		c.at += len(token)
	}
	return nil
}

// more tells whether the array goes on behind its first n elements.
func (c *cutter) more(n int) (bool, error) {
	b, err := c.peek()
	if err != nil || b == ']' {
		return false, err
	}
	if n == 0 {
		return true, nil
	}
	return true, c.expect(",")
}

// object cuts the object at hand. It is valid until the next call.
func (c *cutter) object() ([]byte, error) {
	if b, err := c.peek(); err != nil || b != '{' {
		return nil, errors.Join(fmt.Errorf("%w: no object at byte %d", errNotJSON, c.offset()), err)
	}
	var s braces
	for at := 0; ; {
		for _, b := range c.buf[c.at+at:] {
			at++
			if s.close(b) {
				c.at += at
				return c.buf[c.at-at : c.at], nil
			}
		}
		if err := c.fill(); err != nil {
			return nil, err
		}
	}
}

// braces follows an object to its end.
type braces struct {
	depth   int
	quoted  bool
	escaped bool
}

// close takes the next byte and tells whether it ends the object.
func (s *braces) close(b byte) bool {
	switch {
	case s.escaped:
		s.escaped = false
	case s.quoted:
		s.escaped, s.quoted = b == '\\', b != '"'
	case b == '"':
		s.quoted = true
	case b == '{':
		s.depth++
	case b == '}':
		s.depth--
		return s.depth == 0
	}
	return false
}
