// Package led owns the language of a box's one light, and speaks it.
//
// The words are told apart by rhythm, never by colour, and are printed on the
// box's label: a slow pulse when all is well, two blinks while it updates, fast
// blinking to be found, Morse SOS when it needs somebody. Darkness means that
// the box is off.
package led

import "time"

// State is what a light can say, the more pressing the higher.
type State int

// The states. Starting is a light that stays on.
const (
	Well State = iota
	Starting
	Updating
	Attention
	FindMe // somebody stands before the boxes and asked for this one
)

// Say returns the one state to show of those that hold.
func Say(states ...State) State {
	most := Well
	for _, s := range states {
		most = max(most, s)
	}
	return most
}

// String is the line for the console, which is the light of a box without one.
func (s State) String() string {
	switch s {
	case Well:
		return "All is well."
	case Starting:
		return "This box is starting."
	case Updating:
		return "This box is updating itself. Leave it switched on."
	case Attention:
		return "This box needs somebody. Its status page says what for."
	case FindMe:
		return "This is the box you are looking for."
	default:
		return "This box does not know how it is."
	}
}

const ms = time.Millisecond

// patterns are lengths of light and darkness in turn, light first.
var patterns = map[State][]time.Duration{
	Well:      {1500 * ms, 1500 * ms},
	Updating:  {150 * ms, 150 * ms, 150 * ms, 1050 * ms},
	Attention: sos(),
	FindMe:    {100 * ms, 100 * ms},
}

// sos is three short, three long, three short, and a pause.
func sos() []time.Duration {
	var p []time.Duration
	for letter, length := range []time.Duration{200 * ms, 600 * ms, 200 * ms} {
		for range 3 {
			p = append(p, length, 200*ms)
		}
		p[len(p)-1] = 600 * ms // between letters
		if letter == 2 {
			p[len(p)-1] = 1800 * ms
		}
	}
	return p
}

// At tells whether the light is on that long after the state began, and how long
// that lasts; zero means for ever.
func (s State) At(elapsed time.Duration) (on bool, left time.Duration) {
	p := patterns[s]
	var whole time.Duration
	for _, d := range p {
		whole += d
	}
	if whole == 0 {
		return true, 0
	}
	elapsed %= whole
	for i, d := range p {
		if elapsed < d {
			return i%2 == 0, d - elapsed
		}
		elapsed -= d
	}
	return false, whole
}
