package simulation

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func lan(_, _ string) (low, spread time.Duration) {
	return 200 * time.Microsecond, 100 * time.Microsecond
}

// serve answers HTTP on a host and returns how to stop.
func serve(t *testing.T, h *Host, address string, handler http.HandlerFunc) (stop func()) {
	t.Helper()
	l, err := h.Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: handler}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l) // ends with ErrServerClosed
	}()
	return func() {
		server.Close()
		<-done
	}
}

func client(h *Host) *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: h.DialContext, DisableKeepAlives: true}}
}

func TestHTTPCrossesTheNetworkInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, lan)
		big := bytes.Repeat([]byte("0123456789"), 100_000) // several windows
		stop := serve(t, n.Host("a"), "a:80", func(w http.ResponseWriter, r *http.Request) {
			if got, err := io.ReadAll(r.Body); err != nil || !bytes.Equal(got, big) {
				t.Errorf("the server got %d bytes, %v", len(got), err)
			}
			w.Write(big)
		})
		defer stop()
		start := time.Now()
		resp, err := client(n.Host("b")).Post("http://a:80/", "", bytes.NewReader(big))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if got, err := io.ReadAll(resp.Body); err != nil || !bytes.Equal(got, big) {
			t.Errorf("the client got %d bytes, %v", len(got), err)
		}
		if time.Since(start) < 600*time.Microsecond {
			t.Errorf("three crossings took %v", time.Since(start))
		}
	})
}

func TestACutHoldsAndMendDelivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, lan)
		l, err := n.Host("a").Listen("a:1")
		if err != nil {
			t.Fatal(err)
		}
		near, err := n.Host("b").DialContext(t.Context(), "tcp", "a:1")
		if err != nil {
			t.Fatal(err)
		}
		far, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		n.Cut("b", "a")
		if _, err := near.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		far.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := far.Read(make([]byte, 9)); !errors.Is(err, context.DeadlineExceeded) && !isTimeout(err) {
			t.Errorf("read through a cut line: %v", err)
		}
		far.SetReadDeadline(time.Time{})
		n.Mend("b", "a")
		got := make([]byte, 5)
		if _, err := io.ReadFull(far, got); err != nil || string(got) != "hello" {
			t.Errorf("after mending: %q, %v", got, err)
		}
	})
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func TestAKilledHostResetsAndFreesItsAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, lan)
		a, b := n.Host("a"), n.Host("b")
		if _, err := a.Listen("shared:80"); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Listen("shared:80"); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("a second holder: %v", err)
		}
		c, err := b.DialContext(t.Context(), "tcp", "shared:80")
		if err != nil {
			t.Fatal(err)
		}
		a.Kill()
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("read from a killed host: %v", err)
		}
		l, err := b.Listen("shared:80")
		if err != nil {
			t.Fatalf("the address is not free: %v", err)
		}
		l.Close()
		if _, err := b.DialContext(t.Context(), "tcp", "shared:80"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("dial to nobody: %v", err)
		}
	})
}

func TestAnUnpluggedHostIsSilentUntilItIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, lan)
		a, b := n.Host("a"), n.Host("b")
		if _, err := a.Listen("a:80"); err != nil {
			t.Fatal(err)
		}
		c, err := b.DialContext(t.Context(), "tcp", "a:80")
		if err != nil {
			t.Fatal(err)
		}
		a.Unplug()
		if _, err := c.Write([]byte("anybody there?")); err != nil {
			t.Errorf("write to an unplugged host: %v", err)
		}
		c.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := c.Read(make([]byte, 1)); !isTimeout(err) {
			t.Errorf("read from an unplugged host: %v", err)
		}
		if _, err := b.DialContext(t.Context(), "tcp", "a:80"); !isTimeout(err) {
			t.Errorf("dial an unplugged host: %v", err)
		}
		c.SetReadDeadline(time.Time{})
		n.Host("a")
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("read from a host that came back: %v", err)
		}
	})
}
