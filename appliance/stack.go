package appliance

import (
	"context"
	"fmt"
	"log/slog"
)

// stack runs the services of a box: started in order, stopped in reverse, so
// that the address is given up before answering ends, and answering before the
// stores close.
type stack struct {
	log      *slog.Logger
	services []*service
	failed   chan error // the first service to end by itself; never blocks
}

type service struct {
	name   string
	cancel context.CancelFunc
	done   chan struct{}
}

func newStack(log *slog.Logger) *stack {
	return &stack{log: log, failed: make(chan error, 1)}
}

// start runs a service in its own goroutine until it is stopped. A service
// that ends before, with or without an error, is a failure of the box.
func (s *stack) start(name string, run func(ctx context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	v := &service{name, cancel, make(chan struct{})}
	s.services = append(s.services, v)
	go func() {
		defer close(v.done)
		err := run(ctx)
		if ctx.Err() != nil {
			if err != nil && err != context.Canceled {
				s.log.Warn("service stopped with an error", "service", name, "error", err)
			}
			return
		}
		if err == nil {
			err = fmt.Errorf("ended unexpectedly")
		}
		select {
		case s.failed <- fmt.Errorf("%s: %w", name, err):
		default:
		}
	}()
}

// onStop calls f when its turn comes on the way down.
func (s *stack) onStop(name string, f func() error) {
	s.start(name, func(ctx context.Context) error {
		<-ctx.Done()
		return f()
	})
}

// stop ends all services, the last started first, each before the next.
func (s *stack) stop() {
	for len(s.services) > 0 {
		last := s.services[len(s.services)-1]
		s.services = s.services[:len(s.services)-1]
		last.cancel()
		<-last.done
	}
}
