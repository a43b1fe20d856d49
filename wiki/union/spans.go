package union

import (
	"iter"
	"slices"

	"github.com/argss/argss/wiki"
)

// spans is a set of sequences: ascending, disjoint, never adjacent. What a
// peer holds of a store is nearly always one span, however large.
type spans []span

// span is the sequences from the first to the second, both included.
type span [2]wiki.Seq

// maxSpans bounds a set's memory. Beyond it the highest spans are forgotten: a
// receipt less, never one too many.
const maxSpans = 8192

// add puts the sequences from first to last into the set.
func (s *spans) add(first, last wiki.Seq) {
	if first > last {
		return
	}
	at, _ := slices.BinarySearchFunc(*s, first, func(have span, first wiki.Seq) int {
		if have[1]+1 < first {
			return -1
		}
		return 1
	})
	end := at
	for end < len(*s) && (*s)[end][0] <= last+1 {
		first, last = min(first, (*s)[end][0]), max(last, (*s)[end][1])
		end++
	}
	*s = slices.Replace(*s, at, end, span{first, last})
	if len(*s) > maxSpans {
		*s = (*s)[:maxSpans]
	}
}

func (s spans) has(seq wiki.Seq) bool {
	_, found := slices.BinarySearchFunc(s, seq, func(have span, seq wiki.Seq) int {
		switch {
		case have[1] < seq:
			return -1
		case have[0] > seq:
			return 1
		}
		return 0
	})
	return found
}

// count returns how many of the sequences 1 to latest are in the set.
func (s spans) count(latest wiki.Seq) (n wiki.Seq) {
	for _, have := range s {
		if have[0] > latest {
			break
		}
		n += min(have[1], latest) - have[0] + 1
	}
	return n
}

// gaps yields the sequences from first to latest that are not in the set.
func (s spans) gaps(first, latest wiki.Seq) iter.Seq[wiki.Seq] {
	return func(yield func(wiki.Seq) bool) {
		at := max(first, 1)
		for _, have := range s {
			for ; at < have[0] && at <= latest; at++ {
				if !yield(at) {
					return
				}
			}
			at = max(at, have[1]+1)
		}
		for ; at <= latest; at++ {
			if !yield(at) {
				return
			}
		}
	}
}

// joined returns the union of several sets.
func joined(sets ...spans) spans {
	var all spans
	for _, s := range sets {
		for _, have := range s {
			all.add(have[0], have[1])
		}
	}
	return all
}
