package merge

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// triple is a base and two texts made from it.
type triple struct{ base, mine, theirs string }

func (t triple) String() string {
	return fmt.Sprintf("base %q\nmine %q\ntheirs %q", t.base, t.mine, t.theirs)
}

func random(seed uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, 0x5eed))
}

// randomTriple makes a triple of one of three kinds: few different lines, so that
// lines repeat and differences are ambiguous; a page of paragraphs; a page whose two
// versions share some of their edits.
func randomTriple(r *rand.Rand) triple {
	var draw func(*rand.Rand) string
	length := 1 + r.IntN(20)
	switch r.IntN(3) {
	case 0:
		letters := 2 + r.IntN(5)
		draw = func(r *rand.Rand) string { return string(rune('a' + r.IntN(letters))) }
	default:
		draw = paragraph
		length += 20
	}
	base := make([]string, length)
	for i := range base {
		base[i] = draw(r)
	}
	mine, theirs := base, base
	if r.IntN(3) == 0 {
		mine = edited(r, mine, draw)
		theirs = mine
	}
	for range 1 + r.IntN(3) {
		mine = edited(r, mine, draw)
	}
	for range r.IntN(4) {
		theirs = edited(r, theirs, draw)
	}
	return triple{ended(r, base), ended(r, mine), ended(r, theirs)}
}

// plainTriple makes a triple in which no line occurs twice and none is moved, so that
// there is only one way to pair the lines: any two correct merges must agree on it.
func plainTriple(r *rand.Rand) triple {
	drawn := 0
	draw := func(*rand.Rand) string { drawn++; return fmt.Sprintf("line %d", drawn) }
	base := make([]string, 1+r.IntN(30))
	for i := range base {
		base[i] = draw(r)
	}
	edit := func(lines []string) []string {
		lines = slices.Clone(lines)
		for range r.IntN(4) {
			from := r.IntN(len(lines) + 1)
			to := min(len(lines), from+r.IntN(3))
			fresh := []string{draw(r), draw(r)}
			lines = slices.Replace(lines, from, to, fresh[:r.IntN(3)]...)
		}
		return lines
	}
	common := base
	if r.IntN(2) == 0 {
		common = edit(base)
	}
	return triple{ended(r, base), ended(r, edit(common)), ended(r, edit(common))}
}

// paragraph draws a line of a page: every second one blank, some of them common.
func paragraph(r *rand.Rand) string {
	switch r.IntN(8) {
	case 0, 1, 2, 3:
		return ""
	case 4:
		return "- see also"
	case 5:
		return "## Notes"
	}
	return fmt.Sprintf("Paragraph %d about the box.", r.IntN(1000))
}

// edited makes one change: a line or a block replaced, added, removed, moved or doubled.
func edited(r *rand.Rand, lines []string, draw func(*rand.Rand) string) []string {
	lines = slices.Clone(lines)
	from := r.IntN(len(lines) + 1)
	to := min(len(lines), from+r.IntN(4))
	block := slices.Clone(lines[from:to])
	switch r.IntN(5) {
	case 0:
		return slices.Replace(lines, from, to, draw(r))
	case 1:
		return slices.Insert(lines, from, draw(r), draw(r))
	case 2:
		return slices.Delete(lines, from, to)
	case 3:
		lines = slices.Delete(lines, from, to)
		return slices.Insert(lines, r.IntN(len(lines)+1), block...)
	}
	return slices.Insert(lines, from, block...)
}

// ended joins lines, now and then without a final newline or with CRLF somewhere.
func ended(r *rand.Rand, lines []string) string {
	s := strings.Join(lines, "\n")
	if len(lines) > 0 && r.IntN(8) > 0 {
		s += "\n"
	}
	if r.IntN(16) == 0 {
		s = strings.Replace(s, "\n", "\r\n", 1)
	}
	return s
}
