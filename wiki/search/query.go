package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxQuery = 1000 // bytes of a query that are looked at
	maxTerms = 24   // phrases in it
)

// query is what a reader asks for: pages that have all the phrases and none of
// the unwanted ones.
type query struct {
	wanted, unwanted []phrase
}

// phrase is one word, or several in a row.
type phrase struct {
	terms  []string
	prefix bool // the last one may go on
}

// parse reads a query as people type it: words, "phrases in quotes" and -words
// that must not be there. The last word may be unfinished. Nothing is an error;
// what has no letters asks for nothing.
func parse(text string) query {
	var q query
	if len(text) > maxQuery {
		text = strings.ToValidUTF8(text[:maxQuery], "")
	}
	for text = strings.TrimLeft(text, " \t\n\r\u3000"); text != "" && len(q.wanted)+len(q.unwanted) < maxTerms; text = strings.TrimLeft(text, " \t\n\r\u3000") {
		var piece string
		rest, unwanted := strings.CutPrefix(text, "-")
		piece, text = cut(rest)
		p := phrase{terms: terms(piece)}
		p.prefix = text == "" && !strings.HasPrefix(piece, `"`) && p.begun()
		switch {
		case len(p.terms) == 0:
		case unwanted:
			p.prefix = false
			q.unwanted = append(q.unwanted, p)
		default:
			q.wanted = append(q.wanted, p)
		}
	}
	return q
}

// begun tells whether the last word is enough of one to ask for all that begin
// so: most pages have a word with any one letter.
func (p phrase) begun() bool {
	n := len(p.terms)
	return n > 0 && utf8.RuneCountInString(p.terms[n-1]) > 1
}

// finished is the query with its last word as it stands.
func (q query) finished() query {
	q.wanted = slices.Clone(q.wanted)
	for i := range q.wanted {
		q.wanted[i].prefix = false
	}
	return q
}

// cut takes the first piece of a query: up to the closing quote, where it
// begins with one, else up to the next blank.
func cut(text string) (piece, rest string) {
	if strings.HasPrefix(text, `"`) {
		if end := strings.IndexByte(text[1:], '"'); end >= 0 {
			return text[:end+2], text[end+2:]
		}
		return text, ""
	}
	if end := strings.IndexAny(text, " \t\n\r\u3000"); end >= 0 {
		return text[:end], text[end:]
	}
	return text, ""
}

func terms(text string) []string {
	var all []string
	for w := range words(text) {
		all = append(all, w.term)
	}
	return all
}

// match is the query in FTS5's language, restricted to one column unless that
// is "". Every term stands in quotes, so none can mean anything else. Loosely,
// one of the wanted phrases is enough.
func (q query) match(column string, loosely bool) string {
	join := " AND "
	if loosely {
		join = " OR "
	}
	var b strings.Builder
	if column != "" {
		b.WriteString(column + " : ")
	}
	b.WriteByte('(')
	for i, p := range q.wanted {
		if i > 0 {
			b.WriteString(join)
		}
		b.WriteString(p.match())
	}
	b.WriteByte(')')
	for _, p := range q.unwanted {
		b.WriteString(" NOT " + p.match())
	}
	return b.String()
}

func (p phrase) match() string {
	s := `"` + strings.Join(p.terms, " ") + `"`
	if p.prefix {
		s += " *"
	}
	return s
}

// in tells whether the phrase begins at the first of these words.
func (p phrase) in(text []word) bool {
	if len(text) < len(p.terms) {
		return false
	}
	last := len(p.terms) - 1
	for i, term := range p.terms {
		if text[i].term != term && (i != last || !p.prefix || !strings.HasPrefix(text[i].term, term)) {
			return false
		}
	}
	return true
}
