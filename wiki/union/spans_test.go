package union

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/argss/argss/wiki"
)

// TestSpansAreASet draws sets and compares with a map.
func TestSpansAreASet(t *testing.T) {
	const top = 60
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 0))
		var s spans
		want := map[wiki.Seq]bool{}
		for range rng.IntN(30) {
			first := wiki.Seq(1 + rng.IntN(top-8))
			last := first + wiki.Seq(rng.IntN(8))
			s.add(first, last)
			for n := first; n <= last; n++ {
				want[n] = true
			}
		}
		latest := wiki.Seq(rng.IntN(top))
		var gaps []wiki.Seq
		var count wiki.Seq
		for n := wiki.Seq(1); n <= top; n++ {
			if s.has(n) != want[n] {
				t.Fatalf("seed %d: %v has %d: %v", seed, s, n, s.has(n))
			}
			if n <= latest && want[n] {
				count++
			}
			if n <= latest && !want[n] {
				gaps = append(gaps, n)
			}
		}
		if got := slices.Collect(s.gaps(1, latest)); s.count(latest) != count || !slices.Equal(got, gaps) {
			t.Errorf("seed %d: %v up to %d counts %d, gaps %v; want %d, %v", seed, s, latest, s.count(latest), got, count, gaps)
		}
		for i, have := range s {
			if have[0] > have[1] || i > 0 && s[i-1][1]+1 >= have[0] {
				t.Errorf("seed %d: %v is not in its form", seed, s)
			}
		}
	}
}

func TestSpansForgetTheHighestWhenThereAreTooMany(t *testing.T) {
	var s spans
	for n := wiki.Seq(1); n < 4*maxSpans; n += 2 {
		s.add(n, n)
	}
	if len(s) != maxSpans || !s.has(1) || s.has(4*maxSpans-1) {
		t.Errorf("%d spans up to %v", len(s), s[len(s)-1])
	}
}

func TestDeadlineFollowsThePace(t *testing.T) {
	const low, high = 50 * time.Millisecond, time.Second
	var p pace
	if got := p.deadline(low, high); got != high {
		t.Errorf("unknown: %v", got)
	}
	for range 100 {
		p.learn(2 * time.Millisecond)
	}
	if got := p.deadline(low, high); got != low {
		t.Errorf("quick: %v", got)
	}
	for range 100 {
		p.learn(100 * time.Millisecond)
	}
	if got := p.deadline(low, high); got < 200*time.Millisecond || got > 300*time.Millisecond {
		t.Errorf("a steady tenth of a second: %v", got)
	}
	p.learn(time.Minute)
	if got := p.deadline(low, high); got != high {
		t.Errorf("slow: %v", got)
	}
}
