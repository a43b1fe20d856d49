package control

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Client is the other end. One goroutine uses it. After any error it is of no
// more use; dial again.
type Client struct {
	conn  net.Conn
	lines *bufio.Reader
}

// Dial connects to the socket of a server.
func Dial(path string) (*Client, error) {
	conn, err := net.Dial("unix", path)
	if err != nil {
		return nil, fmt.Errorf("reach the program that holds the shared address: %w", err)
	}
	return &Client{conn: conn, lines: bufio.NewReader(conn)}, nil
}

// Demote says how unwell this box is, 0 to 255, and must be repeated more often
// than every Silence.
func (c *Client) Demote(n int) error {
	answer, err := c.ask(fmt.Sprintf("demotion %d", n))
	if err == nil && answer != "ok" {
		err = errors.New(answer)
	}
	if err != nil {
		return fmt.Errorf("tell demotion: %w", err)
	}
	return nil
}

// Status asks how things stand.
func (c *Client) Status() (Status, error) {
	var s Status
	answer, err := c.ask("status")
	if err == nil {
		err = json.Unmarshal([]byte(answer), &s)
	}
	if err != nil {
		return s, fmt.Errorf("ask for status: %w", err)
	}
	return s, nil
}

// Peer is the process at the other end, as the kernel knows it.
func (c *Client) Peer() (pid int, err error) {
	raw, err := c.conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return 0, fmt.Errorf("ask who answers: %w", err)
	}
	var who *unix.Ucred
	failed := raw.Control(func(fd uintptr) {
		who, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	})
	if err = errors.Join(failed, err); err != nil {
		return 0, fmt.Errorf("ask who answers: %w", err)
	}
	return int(who.Pid), nil
}

// Close ends the connection; if it was the voice, the box is demoted.
func (c *Client) Close() error { return c.conn.Close() }

// ask waits twice: if it was this program that slept, the answer may lie there
// when the first wait is over.
func (c *Client) ask(line string) (string, error) {
	c.conn.SetDeadline(time.Now().Add(Silence / 2))
	if _, err := fmt.Fprintln(c.conn, line); err != nil {
		return "", err
	}
	answer, err := c.lines.ReadString('\n')
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.conn.SetDeadline(time.Now().Add(Silence / 2))
		var rest string
		rest, err = c.lines.ReadString('\n')
		answer += rest
	}
	return strings.TrimSuffix(answer, "\n"), err
}
