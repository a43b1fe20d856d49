package appliance

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestServicesStopInReverseOrder(t *testing.T) {
	var order []string
	s := newStack(slog.New(slog.DiscardHandler))
	for _, name := range []string{"store", "answers", "address"} {
		s.onStop(name, func() error {
			order = append(order, name)
			return nil
		})
	}
	s.stop()
	if diff := cmp.Diff([]string{"address", "answers", "store"}, order); diff != "" {
		t.Error(diff)
	}
}

func TestAServiceThatEndsByItselfIsAFailure(t *testing.T) {
	broken := errors.New("broken")
	for _, end := range []error{broken, nil} {
		s := newStack(slog.New(slog.DiscardHandler))
		s.start("wiki", func(context.Context) error { return end })
		if err := <-s.failed; err == nil || end != nil && !errors.Is(err, end) {
			t.Errorf("ended with %v, reported %v", end, err)
		}
		s.stop()
	}
}
