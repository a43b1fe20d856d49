package network

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
)

// maxFrame bounds what a peer may send at once; QEMU itself sends no more.
const maxFrame = 68 << 10

// Socket is a cable's end for QEMU:
//
//	-netdev stream,id=n0,server=off,addr.type=unix,addr.path=PATH
//
// It serves one QEMU after the other: a box whose power comes back is a new one.
type Socket struct {
	cable    *Cable
	listener net.Listener
	done     sync.WaitGroup

	mu     sync.Mutex
	conn   net.Conn
	closed bool
}

// Listen joins a socket at path to the switch.
func (s *Switch) Listen(name, path string) (*Socket, error) {
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("join %s to the LAN %s: %w", name, s.Name, err)
	}
	k := &Socket{listener: l}
	k.cable = s.Join(name, k.send)
	k.done.Go(k.serve)
	return k, nil
}

// Cable is the cable to the box.
func (k *Socket) Cable() *Cable { return k.cable }

// Close hangs up and leaves the switch.
func (k *Socket) Close() {
	k.listener.Close()
	k.mu.Lock()
	k.closed = true
	if k.conn != nil {
		k.conn.Close()
	}
	k.mu.Unlock()
	k.done.Wait()
	k.cable.sw.Leave(k.cable)
}

func (k *Socket) serve() {
	for {
		conn, err := k.listener.Accept()
		if err != nil || !k.take(conn) {
			return
		}
		_ = receive(conn, k.cable.Send) // ends when the box's power does
		k.mu.Lock()
		k.conn = nil
		k.mu.Unlock()
		conn.Close()
	}
}

func (k *Socket) take(conn net.Conn) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		conn.Close()
		return false
	}
	k.conn = conn
	return true
}

func (k *Socket) send(frame []byte) {
	k.mu.Lock()
	conn := k.conn
	k.mu.Unlock()
	if conn != nil {
		_, _ = conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(frame))), frame...))
	}
}

// receive reads frames until the stream ends or breaks the framing.
func receive(r io.Reader, p Port) error {
	var b [maxFrame]byte
	for {
		var head [4]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return err
		}
		n := binary.BigEndian.Uint32(head[:])
		if n > maxFrame {
			return fmt.Errorf("receive a frame: %d bytes", n)
		}
		if _, err := io.ReadFull(r, b[:n]); err != nil {
			return err
		}
		p(b[:n])
	}
}
