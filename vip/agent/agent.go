package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/argss/argss/vip"
)

// Config says what an agent does and whom it tells.
type Config struct {
	Machine vip.Config
	Log     *slog.Logger // nil logs nothing
	// Changed, if not nil, is called after each change of state, when its
	// effects are done. It runs in the agent's own goroutine and must return at
	// once: while it runs, no advert is sent.
	Changed func(vip.Transition)
}

// Agent is one box's part in one election. Make it with New, start it once
// with Run. Its other methods may be called at any time from any goroutine.
type Agent struct {
	config   Config
	log      *slog.Logger
	link     vip.Link
	machine  *vip.Machine
	origin   time.Time // the machine's clock starts here
	deadline time.Duration

	refusal   error // the last Take's error
	refused   bool  // it has been told
	unsent    error // the last Send's error
	undropped error // the last Drop's error; it is tried again

	demotion atomic.Int32
	demoted  chan struct{} // demotion has changed
	pulses   chan struct{} // each taken by the loop shows that it turns

	mu      sync.Mutex
	status  Status
	history []Change
}

// ErrLinkGone ends Run when the link has closed its inputs.
var ErrLinkGone = errors.New("the link to the other boxes is gone")

// New makes an agent that does nothing until Run. The link must not be used by
// anything else.
func New(c Config, link vip.Link) (*Agent, error) {
	if err := c.Machine.Validate(); err != nil {
		return nil, fmt.Errorf("configure the shared address: %w", err)
	}
	a := &Agent{
		config:   c,
		log:      c.Log,
		link:     link,
		machine:  vip.New(c.Machine),
		origin:   time.Now(),
		deadline: vip.Never,
		demoted:  make(chan struct{}, 1),
		pulses:   make(chan struct{}),
	}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	a.publish()
	return a, nil
}

// Run takes part in the election until the context ends. Then it drops the
// address, says goodbye if it was master, and returns nil. If the link goes
// away under it, it drops the address and returns ErrLinkGone.
func (a *Agent) Run(ctx context.Context) error {
	alarm := time.NewTimer(0)
	defer alarm.Stop()
	for {
		alarm.Reset(a.sleep())
		select {
		case <-ctx.Done():
			return a.stop()
		case in, open := <-a.link.Inputs():
			if !open {
				a.step(vip.LinkDown{})
				return ErrLinkGone
			}
			a.step(in)
		case <-a.demoted:
			a.step(vip.Demote{To: uint8(a.demotion.Load())})
		case <-a.pulses:
		case <-alarm.C:
			a.judge()
		}
	}
}

// Demote sets how unwell this box is, from 0, healthy, to 255; values outside
// count as the nearest. A master tells the others at once.
func (a *Agent) Demote(n int) {
	a.demotion.Store(int32(min(max(n, 0), 255)))
	select {
	case a.demoted <- struct{}{}:
	default: // the loop has not yet fetched the last one, and will find this one
	}
}

// Pulse returns nil once the loop has turned, for those who watch over it, and
// the context's error if it does not turn before that ends.
func (a *Agent) Pulse(ctx context.Context) error {
	select {
	case a.pulses <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the election to go on: %w", ctx.Err())
	}
}

func (a *Agent) stop() error {
	a.step(vip.Stop{})
	if a.undropped != nil {
		return fmt.Errorf("drop the shared address: %w", a.undropped)
	}
	return nil
}

// judge is called when time is up. Whoever was slow to listen must not call
// the others silent, so everything that has arrived is read first: what the
// kernel still holds, then what waits in the channel. What arrives meanwhile
// can wait; a flood must not keep us from the clock.
func (a *Agent) judge() {
	if d, ok := a.link.(vip.Drainer); ok {
		d.Drain()
	}
	for range len(a.link.Inputs()) {
		in, open := <-a.link.Inputs()
		if !open {
			return // Run finds it closed, too
		}
		a.step(in)
	}
	if a.undropped != nil && a.machine.State() != vip.Master {
		a.drop()
	}
	if a.now() >= a.deadline {
		a.step(vip.Tick{})
	}
}

func (a *Agent) now() time.Duration { return time.Since(a.origin) }

func (a *Agent) sleep() time.Duration {
	d := a.deadline
	if d != vip.Never {
		d -= a.now()
	}
	if a.undropped != nil {
		d = min(d, a.config.Machine.Interval())
	}
	return max(0, d)
}
