package wiki

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestCommonAncestorsAreFoundInAnyOrder gives graphs whose parents do not stand
// before their children. More may be found than the latest common ancestors,
// but none is missing, and what is too many is an ancestor of one of them.
func TestCommonAncestorsAreFoundInAnyOrder(t *testing.T) {
	for seed := range uint64(500) {
		rng := rand.New(rand.NewPCG(seed, 2))
		g := drawing{parents: map[ID][]ID{}, order: map[ID]uint64{}}
		var ids []ID
		for i := range 2 + rng.IntN(20) {
			id := HashOf([]byte{byte(i), byte(seed), byte(seed >> 8)})
			for range min(len(ids), rng.IntN(3)) {
				g.parents[id] = append(g.parents[id], ids[rng.IntN(len(ids))])
			}
			g.parents[id], g.order[id] = SortIDs(g.parents[id]), 1+rng.Uint64N(1000)
			ids = append(ids, id)
		}
		a, b := ids[rng.IntN(len(ids))], ids[rng.IntN(len(ids))]
		want, got := latest(g, a, b), CommonAncestors(g, []ID{a}, []ID{b})
		for _, id := range want {
			if !slices.Contains(got, id) {
				t.Fatalf("seed %d: found %v, which lacks %v", seed, got, id)
			}
		}
		for _, id := range got {
			if !slices.ContainsFunc(want, func(w ID) bool { return slices.Contains(latest(g, w, id), id) }) {
				t.Fatalf("seed %d: %v is no ancestor of any of %v", seed, id, want)
			}
		}
	}
}
