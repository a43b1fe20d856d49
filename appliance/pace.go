package appliance

import (
	"io"
	"net/http"
	"time"
)

// How slowly the body of a request may come: who sends less than that holds a
// place that somebody else needs.
const (
	bodyGrace = 30 * time.Second
	slowBody  = 1 << 10 // bytes a second, once the grace is over
)

// paced ends requests whose bodies hardly come. A deadline for the whole
// request will not do: a file of gigabytes takes as long as it takes.
func paced(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			body := &pacedBody{ReadCloser: r.Body, wire: http.NewResponseController(w), late: time.Now().Add(bodyGrace)}
			body.set(body.late) // also for who does not read it: net/http does then, for a while
			r.Body = body
		}
		h.ServeHTTP(w, r)
	})
}

type pacedBody struct {
	io.ReadCloser
	wire *http.ResponseController
	late time.Time
}

// Read moves the deadline on with what has come, and takes it away at the end:
// net/http goes on listening for the sender's leaving.
func (b *pacedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.late = b.late.Add(time.Duration(n) * time.Second / slowBody)
	if err == io.EOF {
		b.set(time.Time{})
	} else {
		b.set(b.late)
	}
	return n, err
}

// set cannot fail but on a connection that is gone.
func (b *pacedBody) set(late time.Time) { _ = b.wire.SetReadDeadline(late) }
