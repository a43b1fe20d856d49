package union

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"
)

// throttled is the way to a peer whose line the owner wants to share: bodies
// pass at most at a rate, each way. What is small is counted but never waits,
// or heartbeats would queue behind a join and the peer would seem dead.
type throttled struct {
	http.RoundTripper
	up, down throttle
}

// small is how many bytes of each body go at once.
const small = 16 << 10

// piece is how much waits at a time.
const piece = 16 << 10

func newThrottled(way http.RoundTripper, perSecond int64) *throttled {
	t := &throttled{RoundTripper: way}
	t.up.perSecond, t.down.perSecond = perSecond, perSecond
	return t
}

// RoundTrip implements http.RoundTripper.
func (t *throttled) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.ContentLength > small {
		paced := r.Clone(r.Context())
		paced.Body = &pacedBody{ReadCloser: r.Body, ctx: r.Context(), line: &t.up}
		if get := r.GetBody; get != nil {
			paced.GetBody = func() (io.ReadCloser, error) {
				body, err := get()
				return &pacedBody{ReadCloser: body, ctx: r.Context(), line: &t.up}, err
			}
		}
		r = paced
	}
	answer, err := t.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Body = &pacedBody{ReadCloser: answer.Body, ctx: r.Context(), line: &t.down}
	}
	return answer, err
}

// throttle is one direction of a line.
type throttle struct {
	perSecond int64

	mu   sync.Mutex
	free time.Time // when all that was let through has passed
}

// pass books n bytes and returns when they have passed.
func (t *throttle) pass(n int) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := time.Now(); t.free.Before(now) {
		t.free = now
	}
	t.free = t.free.Add(time.Duration(n) * time.Second / time.Duration(t.perSecond))
	return t.free
}

// pacedBody is a body that passes a throttle.
type pacedBody struct {
	io.ReadCloser
	ctx  context.Context
	line *throttle
	read int
}

// Read implements io.Reader.
func (b *pacedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p[:min(len(p), piece)])
	passed := b.line.pass(n)
	if b.read += n; b.read > small && !sleep(b.ctx, time.Until(passed)) {
		return n, b.ctx.Err()
	}
	return n, err
}
