package wiki

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

// MaxName is the longest page name in bytes.
const MaxName = 255

// ErrName is what every error of CheckName wraps.
var ErrName = errors.New("this cannot be a page name")

// CheckName tells whether s can name a page: 1 to MaxName bytes of UTF-8,
// segments separated by slashes (namespaces), no segment empty, "." or "..",
// none with blanks at its ends, no control, line-separator or invisible
// formatting characters (the joiners that Persian and emoji need are allowed).
// Everything else is allowed: "%", "[[", "((" and "C:\x" name pages.
func CheckName(s string) error {
	switch {
	case s == "":
		return fmt.Errorf("%w: it is empty", ErrName)
	case len(s) > MaxName:
		return fmt.Errorf("%w: it is %d bytes long and may have %d", ErrName, len(s), MaxName)
	case !utf8.ValidString(s):
		return fmt.Errorf("%w: it is not valid UTF-8", ErrName)
	}
	for _, r := range s {
		if within(unseen, r) {
			return fmt.Errorf("%w: it contains the invisible character U+%04X", ErrName, r)
		}
	}
	for segment := range strings.SplitSeq(s, "/") {
		if err := checkSegment(segment); err != nil {
			return err
		}
	}
	return nil
}

func checkSegment(s string) error {
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	switch {
	case s == "":
		return fmt.Errorf("%w: a slash must stand between two names", ErrName)
	case s == "." || s == "..":
		return fmt.Errorf("%w: %q is a path, not a name", ErrName, s)
	case within(blanks, first) || within(blanks, last):
		return fmt.Errorf("%w: %q begins or ends with a blank", ErrName, s)
	}
	return nil
}

// The characters that names may not hold, or not at their ends. They are
// listed here and not taken from package unicode, whose tables grow: a box
// built with newer tables would refuse what an older one stored, and their
// sets would never be equal again.
var (
	unseen = []runeRange{
		{0x00, 0x1f}, {0x7f, 0x9f}, // controls
		{0xad, 0xad}, {0x61c, 0x61c}, {0x180e, 0x180e}, {0x200b, 0x200b}, {0x200e, 0x200f}, // formatting
		{0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
	}
	blanks = []runeRange{{' ', ' '}, {0xa0, 0xa0}, {0x1680, 0x1680}, {0x2000, 0x200a}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}}
)

type runeRange struct{ first, last rune }

func within(ranges []runeRange, r rune) bool {
	for _, x := range ranges {
		if x.first <= r && r <= x.last {
			return true
		}
	}
	return false
}

// EscapeName returns name as it stands in an address: each segment
// percent-encoded, slashes kept.
func EscapeName(name string) string {
	segments := strings.Split(name, "/")
	for i, s := range segments {
		segments[i] = url.PathEscape(s)
	}
	return strings.Join(segments, "/")
}

// UnescapeName is the inverse for the escaped path of a request. An encoded
// slash is a slash; a name that CheckName refuses is an error wrapping ErrName.
func UnescapeName(escaped string) (string, error) {
	name, err := url.PathUnescape(escaped)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrName, err)
	}
	return name, CheckName(name)
}
