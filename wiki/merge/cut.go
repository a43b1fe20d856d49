package merge

import "slices"

// pair says that a[i] and b[j] are partners.
type pair struct{ i, j int }

// cut divides a box at pieces that occur exactly once in each half of it and keep
// their order. Such a piece is almost surely the same line of the same page, however
// much around it changed. Without any, the whole box is the only part.
func (d *differ) cut(x box) []box {
	var parts []box
	from := pair{x.a0, x.b0}
	for _, p := range longestRising(d.uniquePairs(x)) {
		parts = append(parts, box{from.i, p.i, from.j, p.j})
		from = p // the pair itself opens the next part, and trim takes it off
	}
	return append(parts, box{from.i, x.a1, from.j, x.b1})
}

// uniquePairs returns the pieces that occur once on each side, ordered by i.
func (d *differ) uniquePairs(x box) []pair {
	type places struct{ inA, inB, i, j int }
	seen := map[int32]*places{}
	for i := x.a0; i < x.a1; i++ {
		p := seen[d.a[i]]
		if p == nil {
			p = &places{i: i}
			seen[d.a[i]] = p
		}
		p.inA++
	}
	for j := x.b0; j < x.b1; j++ {
		if p := seen[d.b[j]]; p != nil {
			p.inB++
			p.j = j
		}
	}
	var pairs []pair
	for i := x.a0; i < x.a1; i++ {
		if p := seen[d.a[i]]; p.inA == 1 && p.inB == 1 {
			pairs = append(pairs, pair{i, p.j})
		}
	}
	return pairs
}

// longestRising keeps the longest run of pairs, ordered by i, whose j rises too. It
// deals them like cards: each goes on the leftmost pile whose top is larger, and
// remembers the top of the pile before; the last pile's top ends a longest run.
func longestRising(pairs []pair) []pair {
	var tops []int // index of each pile's top card
	before := make([]int, len(pairs))
	for n, p := range pairs {
		pile, _ := slices.BinarySearchFunc(tops, p.j, func(top, j int) int {
			return pairs[top].j - j
		})
		before[n] = -1
		if pile > 0 {
			before[n] = tops[pile-1]
		}
		if pile == len(tops) {
			tops = append(tops, n)
		} else {
			tops[pile] = n
		}
	}
	if len(tops) == 0 {
		return nil
	}
	run := make([]pair, len(tops))
	for n, at := tops[len(tops)-1], len(run)-1; at >= 0; n, at = before[n], at-1 {
		run[at] = pairs[n]
	}
	return run
}
