package pid1

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// sign is what a program said by sd_notify(3).
type sign struct {
	program string
	ready   bool
	alive   bool
}

// hearSigns listens on a notify socket and passes signs on until ctx ends. Who
// speaks is what the kernel says of the sender, so that programs started by
// programs are told apart.
func hearSigns(ctx context.Context, path string, to chan<- sign) error {
	_ = os.Remove(path)
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("notify socket: %w", err)
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return fmt.Errorf("notify socket: %w", err)
	}
	var set error
	err = raw.Control(func(fd uintptr) { set = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PASSCRED, 1) })
	if err != nil || set != nil {
		return fmt.Errorf("notify socket: %v, %v", err, set)
	}
	go func() {
		<-ctx.Done()
		conn.Close()
	}()
	go receive(ctx, conn, to)
	return nil
}

func receive(ctx context.Context, conn *net.UnixConn, to chan<- sign) {
	text, control := make([]byte, 4096), make([]byte, 256)
	for ctx.Err() == nil {
		n, c, _, _, err := conn.ReadMsgUnix(text, control)
		if err != nil {
			continue // closed at the end of ctx
		}
		s := parseSign(string(text[:n]))
		if s.program = sender(control[:c]); s.program == "" || !s.alive {
			continue
		}
		select {
		case to <- s:
		case <-ctx.Done():
		}
	}
}

func parseSign(text string) (s sign) {
	for line := range strings.Lines(text) {
		switch strings.TrimSpace(line) {
		case "READY=1":
			s.ready, s.alive = true, true
		case "WATCHDOG=1":
			s.alive = true
		}
	}
	return s
}

// sender is the name of the program that sent a message.
func sender(control []byte) string {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return ""
	}
	for _, m := range messages {
		cred, err := unix.ParseUnixCredentials(&m)
		if err != nil {
			continue
		}
		name, err := os.ReadFile("/proc/" + strconv.Itoa(int(cred.Pid)) + "/comm")
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(name))
	}
	return ""
}
