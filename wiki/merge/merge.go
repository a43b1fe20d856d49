// Package merge joins texts that were changed apart, and shows what changed.
//
// It owns the three-way merge behind every page with more than one head, and the
// two-way difference that the merge rests on. It knows texts, not revisions: whoever
// calls it finds the common ancestors.
//
// What it promises:
//
//   - Byte-exact. A line is the bytes up to and with its '\n'; CRLF, NUL, invalid
//     UTF-8 and a missing final newline pass through untouched.
//   - Pure. The same texts give the same chunks on every box, so a clean merge need
//     not be stored. Version says which rules made it.
//   - Symmetric. Another order of the sides changes only the order in which a conflict
//     lists them.
//   - Lawful. A side equal to the base changes nothing; equal sides merge to
//     themselves.
//   - Careful. Changes that overlap or touch are a conflict unless they are the same
//     change. A conflict is a chunk holding every version, never marks in a text.
//   - Bounded. Past a fixed effort a stretch counts as wholly rewritten. That is a
//     correct difference, only a coarse one: it can cause a conflict, never a wrong
//     merge. So hostile texts cost little more time than honest ones.
//
// Any number of sides merge in one pass rather than pair by pair: no order of pairs
// has to be agreed on, and a conflict shows all versions at once.
package merge

// Version numbers the rules. It is part of the view tag of a merged page, so it must
// change whenever any input would merge to another result.
const Version = 1

// Text merges two texts made from base.
func Text(base, mine, theirs string) Result {
	return NewBase(base).Merge(mine, theirs)
}

// Base is what all sides started from. The zero Base is the empty text.
type Base struct {
	text     text
	disputed map[int]bool // lines the ancestors disagreed on: equal to no line of a side
}

// NewBase makes a base of the one common ancestor's text, or of "" if there is none.
func NewBase(ancestor string) Base {
	return Base{text: splitLines(ancestor)}
}

// VirtualBase makes a base for sides that have several nearest common ancestors, as
// after two people each merged the same two heads. The ancestors are merged over root,
// the base that they have in common themselves (it may be virtual in turn). Where they
// conflict, the sides have settled the dispute already, perhaps each in its own way:
// the base lists every version there, and none of it counts as unchanged. Two
// different settlements then conflict, whichever texts they chose.
//
// The order of the ancestors shows only in what Chunk.Base lists for a dispute.
func VirtualBase(root Base, ancestors ...string) Base {
	b := Base{disputed: map[int]bool{}}
	for _, c := range root.Merge(ancestors...).Chunks {
		if !c.Conflict {
			b.text.append(c.Text)
			continue
		}
		first := b.text.len()
		for _, version := range distinct(c.Sides) {
			b.text.append(version)
		}
		for i := first; i < b.text.len(); i++ {
			b.disputed[i] = true
		}
	}
	return b
}

// Merge joins the sides, each made from the base, into chunks that cover all of them
// in order. The order of the sides is kept in Chunk.Sides and means nothing else.
func (b Base) Merge(sides ...string) Result {
	texts := make([]text, len(sides))
	for i, side := range sides {
		texts[i] = splitLines(side)
	}
	return mergeTexts(b, texts)
}

// distinct returns the different texts among versions, in order of first appearance.
func distinct(versions []string) []string {
	var out []string
next:
	for _, v := range versions {
		for _, have := range out {
			if v == have {
				continue next
			}
		}
		out = append(out, v)
	}
	return out
}
