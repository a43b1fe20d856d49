package union_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatLeavesTheHouseIsPacked(t *testing.T) {
	for _, line := range []struct {
		delay  time.Duration
		packed bool
	}{{200 * time.Microsecond, false}, {15 * time.Millisecond, true}} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, "wichita-1", "peer")
			w.net.Delay(line.delay)
			var plain, packed atomic.Int64
			w.boxes["peer"].wire = func(h http.Handler) http.Handler {
				return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					switch {
					case !strings.HasSuffix(r.URL.Path, "/_bulk_docs"):
					case r.Header.Get("Content-Encoding") == "zstd":
						packed.Add(1)
					default:
						plain.Add(1)
					}
					h.ServeHTTP(rw, r)
				})
			}
			for _, name := range w.names {
				w.start(name)
			}
			defer w.stop()
			time.Sleep(5 * time.Second)
			r := w.write("Home", strings.Repeat("a long text\n", 1000))
			if ack, err := w.boxes["wichita-1"].Publish(t.Context(), r); err != nil || ack.Alone {
				t.Fatal(ack, err)
			}
			if was := packed.Load() > 0; was != line.packed || plain.Load()+packed.Load() == 0 {
				t.Errorf("a push to a peer %v away: %d plain, %d packed", line.delay, plain.Load(), packed.Load())
			}
		})
	}
}
