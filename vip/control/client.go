package control

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
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

// Close ends the connection; if it was the voice, the box is demoted.
func (c *Client) Close() error { return c.conn.Close() }

func (c *Client) ask(line string) (string, error) {
	c.conn.SetDeadline(time.Now().Add(Silence))
	if _, err := fmt.Fprintln(c.conn, line); err != nil {
		return "", err
	}
	answer, err := c.lines.ReadString('\n')
	return strings.TrimSuffix(answer, "\n"), err
}
