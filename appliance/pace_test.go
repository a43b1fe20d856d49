package appliance

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// clocked is a writer on a connection that notes its deadlines.
type clocked struct {
	http.ResponseWriter
	late []time.Duration // from the start; -1: none
}

func (c *clocked) SetReadDeadline(t time.Time) error {
	late := time.Duration(-1)
	if !t.IsZero() {
		late = time.Until(t)
	}
	c.late = append(c.late, late)
	return nil
}

func TestABodyMustGoOnComing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clocked{ResponseWriter: httptest.NewRecorder()}
		body := iotest.OneByteReader(strings.NewReader(strings.Repeat("x", 2*slowBody)))
		paced(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if _, err := io.ReadFull(r.Body, make([]byte, slowBody)); err != nil {
				t.Fatal(err)
			}
			if last := c.late[len(c.late)-1].Round(time.Millisecond); c.late[0] != bodyGrace || last != bodyGrace+time.Second {
				t.Errorf("the first deadline is in %v, that after the bytes of a second in %v", c.late[0], last)
			}
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				t.Fatal(err)
			}
		})).ServeHTTP(c, httptest.NewRequest("PUT", "/raw/Home", body))
		if c.late[len(c.late)-1] != -1 {
			t.Errorf("a deadline is left when all has come: %v", c.late[len(c.late)-1])
		}
	})
}

func TestAStalledBodyEndsTheRequest(t *testing.T) {
	c := &clocked{ResponseWriter: httptest.NewRecorder()}
	paced(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err == nil {
			t.Error("a body that timed out was taken for whole")
		}
	})).ServeHTTP(c, httptest.NewRequest("PUT", "/raw/Home", iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("xyz")))))
	if c.late[len(c.late)-1] == -1 {
		t.Error("what is left of a stalled body may be waited for without an end")
	}
}
