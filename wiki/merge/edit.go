package merge

// Op says what became of a run of lines or words.
type Op uint8

// A run was kept, taken away, or added.
const (
	Equal Op = iota
	Delete
	Insert
)

// String returns the operation's name.
func (op Op) String() string {
	return [...]string{"equal", "delete", "insert"}[op]
}

// Edit is one run of a difference. The Equal and Delete runs together are the old text
// and the Equal and Insert runs the new one, byte for byte.
type Edit struct {
	Op   Op
	Text string
}

// Diff compares two texts by line. Every Text is whole lines (see Lines). Where lines
// were replaced, the Delete comes directly before the Insert; no two runs of the same
// kind are neighbours.
func Diff(old, new string) []Edit {
	return edits(splitLines(old), splitLines(new))
}

// DiffWords compares two texts by word, for showing what changed within lines that
// Diff calls replaced. White space alone never counts as kept between two changes:
// one changed phrase reads better than its words one by one.
func DiffWords(old, new string) []Edit {
	return joinAcrossSpace(edits(splitWords(old), splitWords(new)))
}

func edits(old, new text) []Edit {
	in := interner{}
	var out []Edit
	add := func(op Op, run string) {
		if run != "" {
			out = append(out, Edit{op, run})
		}
	}
	done := 0
	for _, h := range diff(in.ids(old), in.ids(new)) {
		add(Equal, old.span(done, h.a0))
		add(Delete, old.span(h.a0, h.a1))
		add(Insert, new.span(h.b0, h.b1))
		done = h.a1
	}
	add(Equal, old.span(done, old.len()))
	return out
}
