package drain

import (
	"net"
	"net/netip"
	"testing"
	"time"
)

var loopback = []netip.Addr{netip.MustParseAddr("127.99.1.2")} // of this test alone

func listen(t *testing.T) *net.TCPListener {
	t.Helper()
	l, err := Listen(t.Context(), ":0") // as a box does: both families
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.(*net.TCPListener)
}

func address(l *net.TCPListener) string {
	return netip.AddrPortFrom(loopback[0], uint16(l.Addr().(*net.TCPAddr).Port)).String()
}

func connect(t *testing.T, l *net.TCPListener) (client, server net.Conn) {
	t.Helper()
	client, err := net.Dial("tcp", address(l))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	server, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return client, server
}

func open(t *testing.T) int {
	t.Helper()
	n, err := Open(loopback)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestHeldListenerIsLateAndNotRefused(t *testing.T) {
	l := listen(t)
	old, answer := connect(t, l)
	if err := Hold(l); err != nil {
		t.Fatal(err)
	}
	dialled := make(chan error, 1)
	go func() {
		c, err := net.DialTimeout("tcp", address(l), 20*time.Second)
		if err == nil {
			c.Close()
		}
		dialled <- err
	}()
	// What was open goes on both ways.
	for _, ends := range [][2]net.Conn{{old, answer}, {answer, old}} {
		b := make([]byte, 2)
		if _, err := ends[0].Write([]byte("on")); err != nil {
			t.Fatal(err)
		}
		if _, err := ends[1].Read(b); err != nil || string(b) != "on" {
			t.Fatalf("read %q: %v", b, err)
		}
	}
	select {
	case err := <-dialled:
		t.Fatalf("a new connection was answered: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	if err := Release(l); err != nil {
		t.Fatal(err)
	}
	if err := <-dialled; err != nil {
		t.Errorf("a connection that had to wait: %v", err)
	}
}

func TestReleaseWithoutHoldIsNoError(t *testing.T) {
	if err := Release(listen(t)); err != nil {
		t.Error(err)
	}
}

func TestConnectionCountsUntilTheClientKnowsItsEnd(t *testing.T) {
	l := listen(t)
	if n := open(t); n != 0 {
		t.Fatalf("%d open before any", n)
	}
	client, server := connect(t, l)
	if n := open(t); n == 0 {
		t.Error("an open connection does not count")
	}
	// Both ends are of this machine, but only one is at the address.
	server.Close()
	for end := time.Now().Add(10 * time.Second); open(t) != 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("a connection whose end is acknowledged still counts")
		}
	}
	client.Close()
}
