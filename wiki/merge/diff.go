package merge

// hunk says that a[a0:a1] became b[b0:b1]. One of the two may be empty, never both.
// Between two hunks of one difference lies at least one unchanged piece.
type hunk struct{ a0, a1, b0, b1 int }

// grows returns by how many pieces b is longer than a.
func (h hunk) grows() int { return (h.b1 - h.b0) - (h.a1 - h.a0) }

// diff returns what changed from a to b, in order.
func diff(a, b []int32) []hunk {
	d := differ{a: a, b: b, changedA: make([]bool, len(a)), changedB: make([]bool, len(b))}
	d.compare(box{0, len(a), 0, len(b)})
	compact(a, d.changedA)
	compact(b, d.changedB)
	return d.hunks()
}

// box is a[a0:a1] against b[b0:b1].
type box struct{ a0, a1, b0, b1 int }

// differ marks the pieces that have no partner on the other side. What it leaves
// unmarked in a equals, piece by piece, what it leaves unmarked in b.
type differ struct {
	a, b               []int32
	changedA, changedB []bool
	steps              int // taken so far by shortest
}

// compare cuts the box at lines that surely belong together and looks for the shortest
// difference between each two of these. What is too costly there counts as rewritten.
//
// The shortest difference of the whole would be no better: it pairs blank lines and
// other small change of unrelated paragraphs when that saves a line, so two versions of
// a page get paired with their base in two different ways, and conflict for no reason.
func (d *differ) compare(whole box) {
	for _, part := range d.cut(d.trim(whole)) {
		part = d.trim(part)
		if !d.shortest(part) {
			d.rewritten(part)
		}
	}
}

// trim takes equal pieces off both ends of a box.
func (d *differ) trim(x box) box {
	for x.a0 < x.a1 && x.b0 < x.b1 && d.a[x.a0] == d.b[x.b0] {
		x.a0++
		x.b0++
	}
	for x.a0 < x.a1 && x.b0 < x.b1 && d.a[x.a1-1] == d.b[x.b1-1] {
		x.a1--
		x.b1--
	}
	return x
}

// rewritten marks all of a box.
func (d *differ) rewritten(x box) {
	for i := x.a0; i < x.a1; i++ {
		d.changedA[i] = true
	}
	for i := x.b0; i < x.b1; i++ {
		d.changedB[i] = true
	}
}

// hunks gathers neighbouring marks.
func (d *differ) hunks() []hunk {
	var out []hunk
	i, j := 0, 0
	for i < len(d.a) || j < len(d.b) {
		h := hunk{a0: i, b0: j}
		for i < len(d.a) && d.changedA[i] {
			i++
		}
		for j < len(d.b) && d.changedB[j] {
			j++
		}
		if h.a0 < i || h.b0 < j {
			h.a1, h.b1 = i, j
			out = append(out, h)
			continue
		}
		i++
		j++
	}
	return out
}
