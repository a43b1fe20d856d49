package merge

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// class sorts characters by whether neighbours of the same class make one word.
type class uint8

const (
	single class = iota // stands alone: punctuation, ideographs, invalid bytes
	letter
	space
	newline
)

// classOf puts scripts written without spaces under single, so that a change in a
// Chinese sentence shows as a few characters and not as the whole sentence.
func classOf(r rune) class {
	switch {
	case r == '\n':
		return newline
	case unicode.IsSpace(r):
		return space
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
		return single
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), r == '_':
		return letter
	}
	return single
}

// splitWords cuts s into words, runs of white space and single characters.
func splitWords(s string) text {
	t := text{src: s}
	before := single
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		now := classOf(r)
		if i > 0 && (now == single || now != before) {
			t.ends = append(t.ends, i)
		}
		before = now
		i += size
	}
	if s != "" {
		t.ends = append(t.ends, len(s))
	}
	return t
}

// joinAcrossSpace turns "Delete Insert, Equal space, Delete Insert" into one Delete
// and one Insert that both contain the space.
func joinAcrossSpace(edits []Edit) []Edit {
	var out []Edit
	var gone, come strings.Builder
	flush := func() {
		for _, e := range []Edit{{Delete, gone.String()}, {Insert, come.String()}} {
			if e.Text != "" {
				out = append(out, e)
			}
		}
		gone.Reset()
		come.Reset()
	}
	for i, e := range edits {
		kept := e.Op == Equal
		between := i > 0 && i+1 < len(edits)
		if kept && !(between && isBlank(e.Text)) {
			flush()
			out = append(out, e)
			continue
		}
		if e.Op != Insert {
			gone.WriteString(e.Text)
		}
		if e.Op != Delete {
			come.WriteString(e.Text)
		}
	}
	flush()
	return out
}

// isBlank says whether s is white space within one line.
func isBlank(s string) bool {
	return strings.Trim(s, " \t") == ""
}
