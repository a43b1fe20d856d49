package bench

import (
	"context"
	"io"
	"net"
	"time"
)

// pass passes on connections until the listener is closed.
func (w *World) pass(l net.Listener, target string) {
	for {
		near, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer near.Close()
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			far, err := w.Person.DialContext(ctx, "tcp4", target)
			if err != nil {
				return
			}
			defer far.Close()
			go func() {
				_, _ = io.Copy(far, near)
				far.Close()
			}()
			_, _ = io.Copy(near, far)
		}()
	}
}
