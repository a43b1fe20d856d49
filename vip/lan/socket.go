package lan

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// socket reads datagrams in order, from whichever goroutine asks, and writes.
type socket struct {
	io.Closer
	raw    syscall.RawConn
	sort   func([]byte) // called with each; must not keep it
	closed chan struct{}

	mu     sync.Mutex // one reader at a time, so that the order stays
	buffer [2048]byte
}

// mostAtOnce bounds one drain: a flood must not keep us from the clock.
const mostAtOnce = 512

func newSocket(c io.Closer, conn syscall.Conn, sort func([]byte)) (*socket, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	return &socket{Closer: c, raw: raw, sort: sort, closed: make(chan struct{})}, nil
}

// listen reads until the socket is closed.
func (s *socket) listen() {
	for {
		var failed error
		err := s.raw.Read(func(fd uintptr) bool {
			failed = s.readAll(int(fd))
			return failed != nil
		})
		if err != nil { // closed
			return
		}
		select { // the interface is down, or worse; it must not make us spin
		case <-time.After(10 * time.Millisecond):
		case <-s.closed:
			return
		}
	}
}

// drain returns when everything that had arrived has been sorted.
func (s *socket) drain() {
	s.raw.Control(func(fd uintptr) { s.readAll(int(fd)) })
}

// readAll returns nil when nothing is left.
func (s *socket) readAll(fd int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range mostAtOnce {
		n, err := unix.Read(fd, s.buffer[:])
		switch {
		case err == nil:
			s.sort(s.buffer[:n])
		case err == unix.EAGAIN:
			return nil
		case err == unix.EINTR, err == unix.ECONNREFUSED: // a peer's program is not there
		default:
			return err
		}
	}
	return nil // the reader is woken again at once
}

// write sends one datagram, or fails at once.
func (s *socket) write(b []byte) error {
	var failed error
	err := s.raw.Control(func(fd uintptr) { _, failed = unix.Write(int(fd), b) })
	return errors.Join(err, failed)
}

func (s *socket) writeTo(b []byte, to unix.Sockaddr) error {
	var failed error
	err := s.raw.Control(func(fd uintptr) { failed = unix.Sendto(int(fd), b, 0, to) })
	return errors.Join(err, failed)
}

func (s *socket) close() error {
	close(s.closed)
	return s.Close()
}

// openPacket opens a packet socket on one interface that hears what the filter
// accepts, and not what this box sends itself.
func openPacket(index int, watched []netip.Addr, groups []hardware, sort func([]byte)) (*socket, error) {
	// Protocol 0 hears nothing until the filter is there.
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open packet socket: %w", err)
	}
	file := os.NewFile(uintptr(fd), "packet")
	if err := preparePacket(fd, index, watched, groups); err != nil {
		file.Close()
		return nil, fmt.Errorf("prepare packet socket: %w", err)
	}
	return newSocket(file, file, sort)
}

func preparePacket(fd, index int, watched []netip.Addr, groups []hardware) error {
	if err := attach(fd, filter(watched)); err != nil {
		return err
	}
	// Older kernels do not know this one; then we drop our own frames ourselves.
	unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1)
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PRIORITY, 6)
	for _, g := range groups {
		join := unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_MULTICAST, Alen: 6}
		copy(join.Address[:], g[:])
		if err := unix.SetsockoptPacketMreq(fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &join); err != nil {
			return fmt.Errorf("join group: %w", err)
		}
	}
	all := uint16(unix.ETH_P_ALL)
	return unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all<<8 | all>>8, Ifindex: index})
}

func attach(fd int, program []unix.SockFilter) error {
	err := unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
		&unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]})
	if err != nil {
		return fmt.Errorf("attach filter: %w", err)
	}
	return nil
}

// openUDP opens the socket of the heartbeats.
func openUDP(at netip.AddrPort, sort func([]byte)) (*socket, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if err != nil {
		return nil, fmt.Errorf("open heartbeat socket: %w", err)
	}
	s, err := newSocket(conn, conn, sort)
	if err == nil {
		s.raw.Control(func(fd uintptr) { unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PRIORITY, 6) })
	}
	return s, err
}

// openRaw opens a socket that sends whole IP packets and hears nothing.
func openRaw(family, index int) (*socket, error) {
	fd, err := unix.Socket(family, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_RAW)
	if err != nil {
		return nil, fmt.Errorf("open raw socket: %w", err)
	}
	if family == unix.AF_INET6 {
		err = unix.SetsockoptInt(fd, unix.SOL_IPV6, unix.IPV6_HDRINCL, 1)
	}
	file := os.NewFile(uintptr(fd), "raw")
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("prepare raw socket: %w", err)
	}
	return newSocket(file, file, nil)
}

// sockaddr names a box to the kernel; the zone of a link-local address is the
// interface.
func sockaddr(a netip.Addr, port uint16, index int) unix.Sockaddr {
	if a.Is4() {
		return &unix.SockaddrInet4{Addr: a.As4(), Port: int(port)}
	}
	s := &unix.SockaddrInet6{Addr: a.As16(), Port: int(port)}
	if a.IsLinkLocalUnicast() {
		s.ZoneId = uint32(index)
	}
	return s
}
