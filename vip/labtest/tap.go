package labtest

import (
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// Tap is a place on the cable between a box and the switch, where frames can
// be recorded and sent to the box.
type Tap struct {
	lab *Lab
	fd  int
}

// Tap opens the cable of a box.
func (b *Box) Tap() *Tap {
	b.t.Helper()
	t := &Tap{lab: b.lab}
	err := b.lab.bridge.Enter(func() error {
		port, err := net.InterfaceByName(b.Name)
		if err != nil {
			return err
		}
		t.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("open packet socket: %w", err)
		}
		wait := unix.NsecToTimeval(int64(Limit))
		if err := unix.SetsockoptTimeval(t.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait); err != nil {
			return err
		}
		return unix.Bind(t.fd, &unix.SockaddrLinklayer{Protocol: 0x0300, Ifindex: port.Index}) // all, in network order
	})
	if err != nil {
		b.t.Fatalf("tap %s: %v", b.Name, err)
	}
	b.t.Cleanup(func() { unix.Close(t.fd) })
	return t
}

// Record waits for n frames that are wanted, whichever way they go.
func (t *Tap) Record(n int, wanted func(frame []byte) bool) (frames [][]byte) {
	t.lab.t.Helper()
	for end := time.Now().Add(Limit); len(frames) < n && time.Now().Before(end); {
		b := make([]byte, 2048)
		size, err := unix.Read(t.fd, b)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			t.lab.t.Fatalf("record: %v", err)
		}
		if wanted(b[:size]) {
			frames = append(frames, b[:size])
		}
	}
	if len(frames) < n {
		t.lab.t.Fatalf("recorded %d frames in %v, want %d", len(frames), Limit, n)
	}
	return frames
}

// Send sends a frame to the box as if it came from the switch.
func (t *Tap) Send(frame []byte) {
	t.lab.t.Helper()
	if _, err := unix.Write(t.fd, frame); err != nil {
		t.lab.t.Fatalf("send a frame: %v", err)
	}
}
