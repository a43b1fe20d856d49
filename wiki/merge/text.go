package merge

import (
	"slices"
	"strings"
)

// text is a string cut into pieces: lines for a merge, words for a finer difference.
// The pieces put together are the string, byte for byte.
type text struct {
	src  string
	ends []int // where each piece ends in src
}

// Lines cuts s behind every '\n'. The last line may have none; "" has no lines.
func Lines(s string) []string {
	return slices.Collect(strings.Lines(s))
}

func splitLines(s string) text {
	var t text
	t.append(s)
	return t
}

// append adds the lines of s. A last line without '\n' stays a line of its own,
// whatever is added after it.
func (t *text) append(s string) {
	end := len(t.src)
	for line := range strings.Lines(s) {
		end += len(line)
		t.ends = append(t.ends, end)
	}
	t.src += s
}

func (t text) len() int { return len(t.ends) }

// span returns the pieces from i up to, not with, j as one string that shares t's memory.
func (t text) span(i, j int) string {
	return t.src[t.start(i):t.start(j)]
}

func (t text) start(i int) int {
	if i == 0 {
		return 0
	}
	return t.ends[i-1]
}

// interner gives equal pieces equal small numbers, so that they compare in one step.
type interner map[string]int32

func (in interner) ids(t text) []int32 {
	ids := make([]int32, t.len())
	for i := range ids {
		piece := t.span(i, i+1)
		id, known := in[piece]
		if !known {
			id = int32(len(in))
			in[piece] = id
		}
		ids[i] = id
	}
	return ids
}

// baseIDs numbers a base's lines; each disputed one gets a number of its own below zero.
func (in interner) baseIDs(b Base) []int32 {
	ids := in.ids(b.text)
	for i := range b.disputed {
		ids[i] = -1 - int32(i)
	}
	return ids
}
