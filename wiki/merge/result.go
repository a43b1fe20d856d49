package merge

import "strings"

// Result is a merge: chunks that, in order, account for every line of every side.
type Result struct {
	Chunks []Chunk
}

// Chunk is one stretch of a merge, either settled or in conflict.
type Chunk struct {
	// Conflict says that at least two sides changed this stretch, differently.
	Conflict bool
	// Text is the merged text of a settled chunk; "" in a conflict.
	Text string
	// Base is the stretch as it was; in a dispute of a VirtualBase, every version of it.
	Base string
	// Sides is the stretch as each side has it, in the caller's order. A side equal to
	// Base did not change it.
	Sides []string
}

// Clean returns the merged text and true, or "" and false if anything is in conflict.
func (r Result) Clean() (string, bool) {
	var b strings.Builder
	for _, c := range r.Chunks {
		if c.Conflict {
			return "", false
		}
		b.WriteString(c.Text)
	}
	return b.String(), true
}

// Conflicts counts the chunks that people have to settle.
func (r Result) Conflicts() int {
	n := 0
	for _, c := range r.Chunks {
		if c.Conflict {
			n++
		}
	}
	return n
}

// Propose suggests a text for a conflict by merging it word by word instead of line by
// line, which helps where a paragraph is one long line. It is for an editor to show,
// not for a box to trust: two changes of one sentence can both fit and make no sense
// together. It returns "" and false when the words conflict too.
func (c Chunk) Propose() (string, bool) {
	if !c.Conflict {
		return c.Text, true
	}
	sides := make([]text, len(c.Sides))
	for i, side := range c.Sides {
		sides[i] = splitWords(side)
	}
	return mergeTexts(Base{text: splitWords(c.Base)}, sides).Clean()
}
