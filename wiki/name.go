package wiki

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
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
		if invisible(r) {
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
	switch {
	case s == "":
		return fmt.Errorf("%w: a slash must stand between two names", ErrName)
	case s == "." || s == "..":
		return fmt.Errorf("%w: %q is a path, not a name", ErrName, s)
	case strings.TrimSpace(s) != s:
		return fmt.Errorf("%w: %q begins or ends with a blank", ErrName, s)
	}
	return nil
}

func invisible(r rune) bool {
	const zeroWidthNonJoiner, zeroWidthJoiner = '\u200c', '\u200d'
	if r == zeroWidthNonJoiner || r == zeroWidthJoiner {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
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
