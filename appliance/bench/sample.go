package bench

import (
	"slices"
	"time"
)

// sample is how long each of some operations took.
type sample []time.Duration

func (s sample) quantile(q float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// time measures one operation.
func (s *sample) time(f func() error) error {
	began := time.Now()
	err := f()
	*s = append(*s, time.Since(began))
	return err
}

// median returns the middle of some figures.
func median(figures []float64) float64 {
	if len(figures) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(figures))[len(figures)/2]
}

// best returns the highest of some figures.
func best(figures []float64) float64 { return slices.Max(figures) }
