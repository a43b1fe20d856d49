package control

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// Unattended is the demotion of a box whose voice is silent. What a program
	// says of itself should be lower.
	Unattended = 200
	// Silence is how long a voice may say nothing.
	Silence = 2 * time.Second

	mostConnections = 16
	longestLine     = 256
)

// Status is how things stand.
type Status struct {
	State       string    `json:"state"` // init, backup or master
	Since       time.Time `json:"since"`
	Reason      string    `json:"reason"` // why it changed last
	Transitions int       `json:"transitions"`
	Demotion    int       `json:"demotion"`         // as the other boxes are told
	Master      string    `json:"master,omitempty"` // its own address
	TakeError   string    `json:"takeError,omitempty"`
	Peers       []string  `json:"peers,omitempty"` // that speak heartbeats
	Profile     string    `json:"profile"`
	Realtime    bool      `json:"realtime"`
	History     []Change  `json:"history,omitempty"` // the latest, oldest first
}

// Change is one change of state.
type Change struct {
	At     time.Time `json:"at"`
	From   string    `json:"from"`
	To     string    `json:"to"`
	Reason string    `json:"reason"`
}

// Target is what a server controls. Both may be called from any goroutine.
type Target interface {
	Demote(int)
	Status() Status
}

// Server answers on one unix socket. Listen obtains it, Close ends it.
type Server struct {
	listener net.Listener
	target   Target
	log      *slog.Logger
	work     sync.WaitGroup

	mu     sync.Mutex
	open   map[net.Conn]bool
	voice  net.Conn
	closed bool
}

// Listen makes the socket, readable by this user only, demotes the target until
// a voice is heard, and begins to answer. A socket file that nobody listens on
// is replaced.
func Listen(path string, target Target, log *slog.Logger) (*Server, error) {
	if old, err := net.Dial("unix", path); err == nil {
		old.Close()
		return nil, fmt.Errorf("listen on %s: another program does", path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("replace old socket: %w", err)
	}
	listener, err := net.Listen("unix", path)
	if err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	s := &Server{listener: listener, target: target, log: log, open: map[net.Conn]bool{}}
	target.Demote(Unattended)
	s.work.Go(s.accept)
	return s, nil
}

// Close ends all connections and removes the socket.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	for c := range s.open {
		c.Close()
	}
	s.mu.Unlock()
	err := s.listener.Close()
	s.work.Wait()
	return err
}

func (s *Server) accept() {
	for {
		c, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			s.log.Warn("accept a control connection", "err", err)
			time.Sleep(10 * time.Millisecond) // out of files, most likely
			continue
		}
		if !s.enter(c) {
			c.Close()
			continue
		}
		s.work.Go(func() { s.serve(c) })
	}
}

func (s *Server) enter(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.open) >= mostConnections {
		return false
	}
	s.open[c] = true
	return true
}

// serve answers one connection until it ends, or is silent for too long.
func (s *Server) serve(c net.Conn) {
	defer s.leave(c)
	lines := bufio.NewScanner(c)
	lines.Buffer(make([]byte, longestLine), longestLine)
	for {
		c.SetReadDeadline(time.Now().Add(Silence))
		if !lines.Scan() {
			return
		}
		c.SetWriteDeadline(time.Now().Add(Silence))
		if _, err := fmt.Fprintln(c, s.answer(c, lines.Text())); err != nil {
			return
		}
	}
}

func (s *Server) leave(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Close()
	delete(s.open, c)
	if s.voice != c {
		return
	}
	s.voice = nil
	s.target.Demote(Unattended)
	if !s.closed {
		s.log.Warn("the program that serves fell silent; this box steps back", "demotion", Unattended)
	}
}

func (s *Server) answer(c net.Conn, line string) string {
	command, argument, _ := strings.Cut(line, " ")
	switch command {
	case "demotion":
		n, err := strconv.ParseUint(argument, 10, 8)
		if err != nil {
			return "error: demotion is a number from 0 to 255"
		}
		s.speak(c, int(n))
		return "ok"
	case "status":
		b, err := json.Marshal(s.target.Status())
		if err != nil {
			return "error: " + err.Error()
		}
		return string(b)
	}
	return "error: say demotion or status"
}

// speak makes a connection the voice. Another one loses it without a word: it
// belongs to a program that has been replaced.
func (s *Server) speak(c net.Conn, demotion int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.open[c] || s.closed {
		return
	}
	s.voice = c
	s.target.Demote(demotion)
}
