package transfer

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// The pauses between attempts: short at first, since a twin takes over within
// a second, and never so long that a box coming back waits for its client.
const (
	firstPause = 20 * time.Millisecond
	lastPause  = time.Second
)

// patiently calls f until it succeeds, fails for good or ctx ends. waiting is
// told why it is called again. The error is f's last one, or ctx's.
func patiently(ctx context.Context, waiting func(why string), f func() error) error {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		err := f()
		if err == nil || !passing(err) {
			return err
		}
		waiting(err.Error())
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// lasting marks an error that another attempt would meet again.
type lasting struct{ error }

func (l lasting) Unwrap() error { return l.error }

// passing tells whether another attempt may succeed: nobody answered, or a box
// that is stopping, busy or out of space did.
func passing(err error) bool {
	var no *Refusal
	if errors.As(err, &no) {
		return no.Status >= 500 && no.Status != http.StatusNotImplemented ||
			no.Status == http.StatusTooManyRequests || no.Status == http.StatusRequestTimeout
	}
	var forever lasting
	return !errors.As(err, &forever)
}
