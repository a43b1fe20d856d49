package drain

import (
	"context"
	"fmt"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// Listen is net.Listen for a TCP listener that Hold can hold. Go's listeners are
// of multipath TCP otherwise, which knows no filter.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	var c net.ListenConfig
	c.SetMultipathTCP(false)
	return c.Listen(ctx, "tcp", address)
}

// Hold makes a TCP listener leave new connections unanswered until Release.
// Those that have begun go on.
func Hold(l syscall.Conn) error {
	program := withoutSYN()
	return set(l, "hold new connections", func(fd int) error {
		return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]})
	})
}

// Release ends Hold. Without a Hold it does nothing.
func Release(l syscall.Conn) error {
	return set(l, "answer new connections again", func(fd int) error {
		err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DETACH_FILTER, 0)
		if err == unix.ENOENT {
			return nil
		}
		return err
	})
}

// withoutSYN accepts every segment but the first of a connection. To the filter
// of a TCP socket the packet begins with the TCP header.
func withoutSYN() []unix.SockFilter {
	const (
		flags    = 13
		syn, ack = 0x02, 0x10
	)
	return []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: flags},
		{Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: syn | ack},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: syn, Jt: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0xffffffff},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},
	}
}

func set(l syscall.Conn, what string, change func(fd int) error) error {
	raw, err := l.SyscallConn()
	if err == nil {
		failed := raw.Control(func(fd uintptr) { err = change(int(fd)) })
		if failed != nil {
			err = failed
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
