package markup

import (
	"strconv"
	"strings"
	"unicode"
)

// slug is a heading as GitHub writes it in links: lower case, blanks to hyphens, other
// punctuation dropped. Letters of all scripts stay.
func slug(heading string) string {
	s := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), r == '_', r == '-':
			return unicode.ToLower(r)
		case unicode.IsSpace(r):
			return '-'
		}
		return -1
	}, strings.TrimSpace(heading))
	if s == "" {
		return "section"
	}
	return s
}

// ids hands out the ids of one page.
type ids struct {
	taken map[string]struct{}
	last  map[string]int // the number last put behind a slug
}

// of returns an id for a heading: a second "Usage" is h-usage-1.
func (ids *ids) of(heading string) string {
	base := IDPrefix + slug(heading)
	id := base
	for {
		if _, taken := ids.taken[id]; !taken {
			break
		}
		ids.last[base]++
		id = base + "-" + strconv.Itoa(ids.last[base])
	}
	ids.taken[id] = struct{}{}
	return id
}
