package union_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestBusyPeerIsWaitedFor(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		c.stop()
		time.Sleep(5 * time.Second)
		for range 20 { // the pace of better days
			w.save(a, "Home")
		}
		b.store.Slow(400 * time.Millisecond) // a sync takes so long from now on
		var alone atomic.Int64
		for range 10 {
			var all sync.WaitGroup
			for range 30 {
				r := w.edit("Home")
				all.Go(func() {
					ack, err := a.Publish(t.Context(), r)
					if err != nil || ack.Alone {
						alone.Add(1)
					}
				})
			}
			all.Wait()
		}
		if n := alone.Load(); n > 0 {
			t.Errorf("%d of 300 saves were answered from one copy, though the peer lives and syncs in 0.4 s", n)
		}
	})
}

func TestPeerWhoseDiskHangsCostsOneWait(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, a, b, c *box) {
		c.stop()
		time.Sleep(5 * time.Second)
		b.store.Slow(time.Minute) // and its heartbeats go on
		began := time.Now()
		if _, ack := w.save(a, "Home"); !ack.Alone || time.Since(began) > time.Second {
			t.Errorf("%+v after %v", ack, time.Since(began))
		}
		for range 10 {
			time.Sleep(2 * time.Second)
			began = time.Now()
			if _, ack := w.save(a, "Home"); !ack.Alone || time.Since(began) > 0 {
				t.Errorf("a later save: %+v after %v", ack, time.Since(began))
			}
		}
		b.store.Slow(0)
		w.until("the disk answers and the peer is awaited again", func() bool { _, ack := w.save(a, "Home"); return !ack.Alone })
	})
}
