package household

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// monkey pulls and replaces plugs at random. It may pull all of them.
type monkey struct {
	random *rand.Rand
	boxes  func() []Box
	toggle func(ctx context.Context, b Box)
	say    func(format string, args ...any)

	mu   sync.Mutex
	stop context.CancelFunc // nil: the monkey sleeps
	done sync.WaitGroup
}

// switchOver wakes the monkey or puts it to sleep.
func (m *monkey) switchOver(ctx context.Context) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stop != nil {
		m.say("the monkey sleeps; plugs stay as they are")
		m.stop()
		m.stop = nil
		return
	}
	m.say("the monkey is loose; m catches it")
	ctx, m.stop = context.WithCancel(ctx)
	m.done.Go(func() { m.play(ctx) })
}

// The monkey does something every two to six seconds.
const (
	monkeyRest  = 2 * time.Second
	monkeyWhims = 4 * time.Second
)

func (m *monkey) play(ctx context.Context) {
	for wait(ctx, monkeyRest+time.Duration(m.random.Int64N(int64(monkeyWhims)))) {
		m.toggle(ctx, m.pick(m.boxes()))
	}
}

// pick returns a box to pull or to replace. Two times of three it replaces
// one if any is out, so that the wiki is not down for most of the game.
func (m *monkey) pick(boxes []Box) Box {
	var in, out []Box
	for _, b := range boxes {
		if b.PID == 0 {
			out = append(out, b)
		} else {
			in = append(in, b)
		}
	}
	from := in
	if len(in) == 0 || len(out) > 0 && m.random.IntN(3) > 0 {
		from = out
	}
	return from[m.random.IntN(len(from))]
}
