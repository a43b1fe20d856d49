package search

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// word is one word of a text. Its term is what the index knows it by.
type word struct {
	term       string
	start, end int // bytes of the text
}

// words yields the words of a text in order.
func words(text string) iter.Seq[word] {
	return func(yield func(word) bool) {
		for at := 0; at < len(text); {
			end, single := wordEnd(text[at:])
			if end == 0 {
				_, size := utf8.DecodeRuneInString(text[at:])
				at += size
				continue
			}
			if term := fold(text[at:at+end], single); term != "" && !yield(word{term, at, at + end}) {
				return
			}
			at += end
		}
	}
}

// wordEnd returns how long the word at the beginning of a text is, 0 where none
// begins, and whether it is a character that stands for itself.
func wordEnd(text string) (end int, single bool) {
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		switch {
		case r < utf8.RuneSelf:
			if !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9') {
				return end, false
			}
		case end > 0 && unicode.Is(unicode.M, r):
		case unspaced(r):
			if end > 0 {
				return end, false
			}
			return size + marks(text[size:]), true
		case !unicode.In(r, unicode.L, unicode.N):
			return end, false
		}
		end += size
	}
	return end, false
}

func marks(text string) int {
	end := strings.IndexFunc(text, func(r rune) bool { return !unicode.Is(unicode.M, r) })
	if end < 0 {
		return len(text)
	}
	return end
}

// unspaced tells whether a script's words are not found between spaces. Korean
// has spaces, but its words carry their particles.
func unspaced(r rune) bool {
	return r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan, unicode.Bopomofo, unicode.Yi)
}

// fold returns the term of a word. The marks of a character that stands for
// itself are part of it, as in Thai and in decomposed Japanese.
func fold(text string, single bool) string {
	if ascii(text) {
		return strings.ToLower(text)
	}
	decomposed := norm.NFKD.String(text)
	if !single {
		decomposed = strings.Map(plainLetter(), decomposed)
	}
	// Who has no such key types "strasse".
	return norm.NFC.String(strings.ReplaceAll(strings.ToLower(decomposed), "ß", "ss"))
}

// plainLetter drops the marks of scripts whose readers do without them. In
// others, as Devanagari, they are the vowels.
func plainLetter() func(rune) rune {
	accented := false
	return func(r rune) rune {
		switch {
		case unicode.Is(unicode.M, r):
			if accented {
				return -1
			}
		default:
			accented = unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Hebrew, unicode.Arabic)
		}
		return r
	}
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// apart cuts a name that is written in one, as WikiWords are, into its words; ""
// where there is nothing to cut.
func apart(name string) string {
	var b strings.Builder
	cuts, lower := 0, false
	for _, r := range name {
		if lower && unicode.IsUpper(r) {
			b.WriteByte(' ')
			cuts++
		}
		b.WriteRune(r)
		lower = unicode.IsLower(r)
	}
	if cuts == 0 {
		return ""
	}
	return b.String()
}
