package couch

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"
)

// errStalled is what a call on a dead connection ends with. A line that was
// cut and joined again may leave connections on which nothing ever comes,
// while others to the same peer work.
var errStalled = fmt.Errorf("the peer went silent in the middle of a call: %w", os.ErrDeadlineExceeded)

// guard ends a call when nothing comes for too long. As the body of the
// answer it counts each byte as a sign of life.
type guard struct {
	wire     io.ReadCloser
	cancel   context.CancelCauseFunc
	timer    *time.Timer
	patience time.Duration
}

// guard watches one call: the peer may take as long as it was asked to wait,
// and as the request takes on a slow line.
func (c *Client) guard(ctx context.Context, q request) (context.Context, *guard) {
	ctx, cancel := context.WithCancelCause(ctx)
	g := &guard{cancel: cancel, patience: c.Stall + q.wait + time.Duration(len(q.body))*time.Second/slowest}
	if c.Stall == 0 {
		g.patience += 10 * time.Second
	}
	g.timer = time.AfterFunc(g.patience, func() { cancel(errStalled) })
	return ctx, g
}

func (g *guard) stop() {
	g.timer.Stop()
	g.cancel(nil)
}

// Read implements io.Reader.
func (g *guard) Read(b []byte) (int, error) {
	n, err := g.wire.Read(b)
	if n > 0 {
		g.timer.Reset(g.patience)
	}
	return n, err
}

// Close implements io.Closer.
func (g *guard) Close() error {
	err := g.wire.Close()
	g.stop()
	return err
}
