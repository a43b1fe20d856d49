package disk

import (
	"fmt"
	"math/rand/v2"
)

// Cut tells what a power cut did.
type Cut struct {
	Seed    uint64
	Mode    string // "lost", "torn" or "scattered"
	Writes  int    // were in the cache
	Landed  int    // sectors of them that reached the platter
	Dropped int    // and that did not
}

func (c Cut) String() string {
	return fmt.Sprintf("power cut %d: %d writes unflushed, %s: %d sectors landed, %d did not",
		c.Seed, c.Writes, c.Mode, c.Landed, c.Dropped)
}

// PowerCut empties the cache as a disk does that loses power. A third of the
// seeds lose all of it; a third keep it up to some write, which is torn; a third
// keep each sector of each write or not, which tears and reorders them all.
// Forced writes survive.
func (d *Disk) PowerCut(seed uint64) (Cut, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	random := rand.New(rand.NewPCG(seed, 0x646973635f637574))
	cut := Cut{Seed: seed, Writes: len(d.pending)}
	lands := cut.luck(random)
	for i, w := range d.pending {
		if err := d.land(w, &cut, func() bool { return w.forced || lands(i) }); err != nil {
			return cut, fmt.Errorf("cut the power: %w", err)
		}
	}
	d.now = d.stable.clone()
	d.pending, d.cached = nil, 0
	return cut, nil
}

// luck draws how the cut goes, and returns whether a sector of the i-th write
// lands.
func (c *Cut) luck(random *rand.Rand) func(i int) bool {
	switch random.IntN(3) {
	case 0:
		c.Mode = "lost"
		return func(int) bool { return false }
	case 1:
		c.Mode = "torn"
		last := random.IntN(c.Writes + 1)
		return func(i int) bool { return i < last || i == last && random.IntN(2) == 0 }
	default:
		c.Mode = "scattered"
		share := random.Float64()
		return func(int) bool { return random.Float64() < share }
	}
}

// land writes those sectors of a write that are lucky to the platter.
func (d *Disk) land(w write, cut *Cut, lucky func() bool) error {
	for done := int64(0); done < w.n; {
		n := min(w.n-done, d.sector-(w.off+done)%d.sector)
		if lucky() {
			cut.Landed++
			part := write{off: w.off + done, n: n, data: w.part(done, n)}
			if err := d.stable.write(part); err != nil {
				return err
			}
		} else {
			cut.Dropped++
		}
		done += n
	}
	return nil
}
