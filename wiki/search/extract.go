package search

// Piece is a stretch of an extract.
type Piece struct {
	Text  string `json:"text"`
	Match bool   `json:"match,omitempty"` // it is what was looked for
}

const (
	extractBytes = 240       // of a text that an extract shows, about
	extractScan  = 256 << 10 // of a text that is looked through for the best place
)

// span is a stretch of a text that matches.
type span struct{ start, end int }

// extract returns the part of a text that says most about why it was found,
// its beginning where nothing of the query stands in it (but in the name).
func extract(text string, q query) []Piece {
	if len(text) > extractScan {
		text = text[:boundary(text, extractScan)]
	}
	hits, kinds := occurrences(text, q)
	from := best(hits, kinds)
	start, end := 0, min(len(text), extractBytes)
	if len(hits) > 0 {
		start = lineStart(text, hits[from].start)
		end = min(len(text), start+extractBytes)
	}
	return pieces(text, hits, start, boundary(text, end))
}

// occurrences finds the query's phrases in a text, in order, and says which
// each is.
func occurrences(text string, q query) (hits []span, kinds []int) {
	var all []word
	for w := range words(text) {
		all = append(all, w)
	}
	for i := 0; i < len(all); i++ {
		for kind, p := range q.wanted {
			if p.in(all[i:]) {
				last := i + len(p.terms) - 1
				hits, kinds = append(hits, span{all[i].start, all[last].end}), append(kinds, kind)
				i = last
				break
			}
		}
	}
	return hits, kinds
}

// best returns the hit at which the stretch of an extract's length begins that
// has most different phrases.
func best(hits []span, kinds []int) int {
	most, at := 0, 0
	for i := range hits {
		seen := 0
		var found [maxTerms]bool
		for j := i; j < len(hits) && hits[j].end <= hits[i].start+extractBytes*3/4; j++ {
			if !found[kinds[j]] {
				found[kinds[j]] = true
				seen++
			}
		}
		if seen > most {
			most, at = seen, i
		}
	}
	return at
}

// lineStart goes back to the beginning of a line, or of a word some way back.
func lineStart(text string, at int) int {
	const back = extractBytes / 4
	start := at
	for i := at - 1; i >= 0 && at-i <= back; i-- {
		if text[i] == '\n' {
			return i + 1
		}
		if text[i] == ' ' {
			start = i + 1
		}
		if i == 0 {
			return 0
		}
	}
	return start
}

// boundary returns the last place up to end where no character and, if one
// ends near, no word is cut.
func boundary(text string, end int) int {
	if end >= len(text) {
		return len(text)
	}
	for i := end; i > end-24 && i > 0; i-- {
		if text[i] == ' ' || text[i] == '\n' {
			return i
		}
	}
	for end > 0 && text[end]&0xc0 == 0x80 {
		end--
	}
	return end
}

func pieces(text string, hits []span, start, end int) []Piece {
	var all []Piece
	add := func(s string, match bool) {
		if s != "" {
			all = append(all, Piece{s, match})
		}
	}
	at := start
	for _, h := range hits {
		if h.start < at || h.end > end {
			continue
		}
		add(text[at:h.start], false)
		add(text[h.start:h.end], true)
		at = h.end
	}
	add(text[at:max(at, end)], false)
	return all
}
