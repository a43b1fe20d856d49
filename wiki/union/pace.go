package union

import "time"

// pace learns how long a peer takes to answer: a smoothed mean and deviation,
// as TCP does (RFC 6298).
type pace struct {
	mean, deviation time.Duration
	least           time.Duration // the line alone, without the machines' work
}

func (p *pace) learn(d time.Duration) {
	if p.least == 0 || d < p.least {
		p.least = d
	}
	if p.mean == 0 {
		p.mean, p.deviation = d, d/2
		return
	}
	p.deviation += ((p.mean - d).Abs() - p.deviation) / 4
	p.mean += (d - p.mean) / 8
}

// typical returns the mean, 0 while nothing is known.
func (p *pace) typical() time.Duration { return p.mean }

// deadline returns how long to wait for an answer before one is late: two
// turns, because a push may find another under way. Unknown is the longest.
func (p *pace) deadline(shortest, longest time.Duration) time.Duration {
	if p.mean == 0 {
		return longest
	}
	return min(max(2*(p.mean+4*p.deviation), shortest), longest)
}
