package merge

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// costly is a text of n lines of two kinds in no order: no line is unique and the
// difference of two such texts is about a fifth of their length.
func costly(seed uint64, n int) string {
	r := random(seed)
	var b strings.Builder
	for range n {
		b.WriteString([]string{"a\n", "b\n"}[r.IntN(2)])
	}
	return b.String()
}

// repeated is a text of n lines that go round through kinds different ones, from first.
func repeated(n, kinds, first int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d\n", (i+first)%kinds)
	}
	return b.String()
}

// hostile are triples that send careless algorithms into quadratic time or worse.
func hostile() map[string]triple {
	blank := func(n int) string { return strings.Repeat("\n", n) }
	unique := repeated(100_000, 100_000, 0)
	return map[string]triple{
		"10,000 blank lines":       {blank(10_000), blank(9_000), blank(11_000)},
		"100,000 blank lines":      {blank(100_000), blank(99_000) + "x\n", blank(80_000) + "y\n" + blank(30_000)},
		"blanks broken up":         {blank(100_000), strings.Repeat(blank(99)+"x\n", 1000), strings.Repeat(blank(98)+"x\n", 1010)},
		"alternating":              {repeated(100_000, 2, 0), repeated(100_000, 2, 1), repeated(99_000, 2, 1)},
		"three in turn, backwards": {repeated(100_000, 3, 0), repeated(90_000, 3, 2), repeated(100_000, 3, 1)},
		"no order":                 {costly(0, 100_000), costly(1, 100_000), costly(2, 100_000)},
		"unique, half exchanged":   {unique, strings.ReplaceAll(unique, "1\n", "x\n"), strings.ReplaceAll(unique, "2\n", "x\n")},
		"unique, halves swapped":   {unique, unique[len(unique)/2:] + unique[:len(unique)/2], unique},
		"nothing in common":        {unique, repeated(100_000, 7, 0), strings.ReplaceAll(unique, "\n", "!\n")},
		"one endless line":         {strings.Repeat("word ", 400_000), strings.Repeat("word ", 300_000), strings.Repeat("wo rd ", 400_000)},
		"touching chain":           {repeated(90_000, 90_000, 0), every(3, 0), every(3, 1)},
	}
}

// every is the touching chain's 90,000 lines with each nth exchanged, from first on.
func every(n, first int) string {
	lines := Lines(repeated(90_000, 90_000, 0))
	for i := first; i < len(lines); i += n {
		lines[i] = "x" + lines[i]
	}
	return strings.Join(lines, "")
}

// The limit is a hundred times what it takes; an algorithm without a bound needs minutes.
func TestHostileTextsAreMergedInBoundedTime(t *testing.T) {
	const limit = 30 * time.Second
	for name, tr := range hostile() {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			r := Text(tr.base, tr.mine, tr.theirs)
			merged := time.Since(start)
			for _, c := range r.Chunks {
				c.Propose()
			}
			DiffWords(tr.mine, tr.theirs)
			all := time.Since(start)
			t.Logf("merged in %v; with words in %v", merged, all)
			if all > limit {
				t.Errorf("took %v, more than %v", all, limit)
			}
			if err := accountsFor(r, tr.base, tr.mine, tr.theirs); err != nil {
				t.Error(err)
			}
		})
	}
}

func BenchmarkTextOfOnePage(b *testing.B) {
	var page strings.Builder
	for i := range 60 {
		fmt.Fprintf(&page, "Paragraph %d tells what the box does when a plug is pulled.\n\n", i)
	}
	base := page.String()
	mine := strings.Replace(base, "Paragraph 7 ", "Chapter 7 ", 1)
	theirs := strings.Replace(base, "Paragraph 40 ", "Chapter 40 ", 1)
	b.SetBytes(int64(len(base)))
	for b.Loop() {
		Text(base, mine, theirs)
	}
}
