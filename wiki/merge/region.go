package merge

// mergeTexts walks the base once. Between two changed regions every side has the
// base's own lines; in a region at least one side differs.
func mergeTexts(base Base, sides []text) Result {
	m := newMerger(base, sides)
	var chunks []Chunk
	done := 0
	for {
		start, end, more := m.nextRegion()
		if !more {
			break
		}
		if done < start {
			chunks = append(chunks, m.unchanged(done, start))
		}
		chunks = append(chunks, m.changed(start, end))
		done = end
	}
	if done < base.text.len() {
		chunks = append(chunks, m.unchanged(done, base.text.len()))
	}
	return Result{Chunks: chunks}
}

// merger holds how far each side has been read.
type merger struct {
	base  text
	sides []sideCursor
}

// sideCursor is one side with its changes against the base. Those before taken are in
// chunks already, and made this side longer by shift; those from there up to found are
// in the region being looked at.
type sideCursor struct {
	text         text
	hunks        []hunk
	taken, found int
	shift        int
}

func newMerger(base Base, sides []text) *merger {
	in := interner{}
	baseIDs := in.baseIDs(base)
	m := &merger{base: base.text, sides: make([]sideCursor, len(sides))}
	for i, side := range sides {
		m.sides[i] = sideCursor{text: side, hunks: diff(baseIDs, in.ids(side))}
	}
	return m
}

// nextRegion finds the next stretch [start, end) of base lines that some side changed,
// grown until no further change of any side overlaps or touches it. Changes that only
// touch are taken together, as git does: with no unchanged line between them, neither
// author saw the neighbour that the merge would give their lines.
func (m *merger) nextRegion() (start, end int, more bool) {
	for _, s := range m.sides {
		if s.found < len(s.hunks) && (!more || s.hunks[s.found].a0 < start) {
			start, more = s.hunks[s.found].a0, true
		}
	}
	end = start
	for grown := more; grown; {
		grown = false
		for i := range m.sides {
			s := &m.sides[i]
			for s.found < len(s.hunks) && s.hunks[s.found].a0 <= end {
				end = max(end, s.hunks[s.found].a1)
				s.found++
				grown = true
			}
		}
	}
	return start, end, more
}

// unchanged makes the chunk of the base lines [i, j), which all sides still have.
func (m *merger) unchanged(i, j int) Chunk {
	same := m.base.span(i, j)
	c := Chunk{Text: same, Base: same, Sides: make([]string, len(m.sides))}
	for k := range c.Sides {
		c.Sides[k] = same
	}
	return c
}

// changed makes the chunk of a region: settled if all sides that changed it agree.
func (m *merger) changed(start, end int) Chunk {
	c := Chunk{Base: m.base.span(start, end), Sides: make([]string, len(m.sides))}
	settled := false
	for i := range m.sides {
		version, changed := m.sides[i].take(start, end)
		c.Sides[i] = version
		if !changed {
			continue
		}
		if settled && version != c.Text {
			c.Conflict = true
		}
		if !settled {
			c.Text, settled = version, true
		}
	}
	if c.Conflict {
		c.Text = ""
	}
	return c
}

// take reads the side's version of the region [start, end) and moves past it.
func (s *sideCursor) take(start, end int) (version string, changed bool) {
	from := start + s.shift
	for _, h := range s.hunks[s.taken:s.found] {
		s.shift += h.grows()
	}
	changed = s.taken < s.found
	s.taken = s.found
	return s.text.span(from, end+s.shift), changed
}
