package merge

import "slices"

const (
	// effort is how many changed pieces the search for the shortest difference of one
	// box may try. It bounds the memory of a search to 2 MiB.
	effort = 1024
	// patience is how many steps all searches of one difference may take together. With
	// effort it bounds the time: patience steps, and effort walks along the texts.
	patience = 4 * effort * effort
)

// shortest marks a shortest difference of a box, found as Myers described ("An O(ND)
// Difference Algorithm", 1986): with d changes spent, remember for each diagonal how
// far one gets; the first d to reach the end is the least. It returns false, with
// nothing marked, if that takes more than effort or the patience is used up.
func (d *differ) shortest(x box) bool {
	a, b := d.a[x.a0:x.a1], d.b[x.b0:x.b1]
	if len(a) == 0 || len(b) == 0 {
		d.rewritten(x)
		return true
	}
	if abs(len(a)-len(b)) > effort {
		return false
	}
	var rounds []frontier
	for spent := 0; spent <= effort && d.steps < patience; spent++ {
		var previous frontier
		if spent > 0 {
			previous = rounds[spent-1]
		}
		reached, done := advance(a, b, spent, previous)
		rounds = append(rounds, reached)
		d.steps += len(reached.upto)
		if done {
			d.retrace(x, rounds)
			return true
		}
	}
	return false
}

// frontier holds, after some number of changes, the furthest position in a on each
// diagonal k = i-j from low on in steps of two; -1 where the diagonal left the box.
type frontier struct {
	low  int
	upto []int32
}

func (f frontier) at(k int) int {
	i := (k - f.low) / 2
	if k < f.low || i >= len(f.upto) {
		return -1
	}
	return int(f.upto[i])
}

// step returns where one more change leads on diagonal k of an n by m box: from k-1 by
// deleting a piece of a, or from k+1 by inserting one of b, whichever gets further;
// insertion on a tie. It returns -1 if both lead out of the box.
func (f frontier) step(k, n, m int) (i int, deletes bool) {
	inserted := f.at(k + 1)
	if inserted-k > m {
		inserted = -1
	}
	deleted := f.at(k - 1)
	if deleted < 0 || deleted == n || deleted+1 <= inserted {
		return inserted, false
	}
	return deleted + 1, true
}

// advance spends one change more than previous did and then follows equal pieces.
// Diagonals outside the box are left out: they cannot come back.
func advance(a, b []int32, spent int, previous frontier) (reached frontier, done bool) {
	low, high := -spent, spent
	if low < -len(b) {
		low = -len(b) + (spent-len(b))%2
	}
	if high > len(a) {
		high = len(a) - (spent-len(a))%2
	}
	reached = frontier{low: low, upto: make([]int32, 0, (high-low)/2+1)}
	for k := low; k <= high; k += 2 {
		i := 0
		if spent > 0 {
			i, _ = previous.step(k, len(a), len(b))
		}
		if i < 0 {
			reached.upto = append(reached.upto, -1)
			continue
		}
		for i < len(a) && i-k < len(b) && a[i] == b[i-k] {
			i++
		}
		reached.upto = append(reached.upto, int32(i))
		if i == len(a) && i-k == len(b) {
			return reached, true
		}
	}
	return reached, false
}

// retrace walks back from the end of the box and marks each change on the way.
func (d *differ) retrace(x box, rounds []frontier) {
	n, m := x.a1-x.a0, x.b1-x.b0
	k := n - m
	for _, previous := range slices.Backward(rounds[:len(rounds)-1]) {
		i, deletes := previous.step(k, n, m)
		if deletes {
			d.changedA[x.a0+i-1] = true
			k--
		} else {
			d.changedB[x.b0+i-k-1] = true
			k++
		}
	}
}

func abs(n int) int {
	return max(n, -n)
}
