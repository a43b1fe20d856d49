package machine

import (
	"context"
	"errors"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestSerialFindsWhatIsSaidAfterAMark(t *testing.T) {
	s := newSerial()
	io.WriteString(s, "one\r\ntw")
	mark := s.Mark()
	go func() {
		io.WriteString(s, "o\r\n")
		io.WriteString(s, "one again\n")
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for pattern, want := range map[string]string{"^two$": "two", "one": "one again"} {
		if l, err := s.WaitFor(ctx, mark, regexp.MustCompile(pattern)); err != nil || l.Text != want {
			t.Errorf("%s: %q, %v", pattern, l.Text, err)
		}
	}
}

func TestSerialThatStaysSilentIsToldWithItsLastLines(t *testing.T) {
	s := newSerial()
	io.WriteString(s, "Kernel panic\n")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	_, err := s.WaitFor(ctx, s.Mark(), regexp.MustCompile("panic"))
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "Kernel panic") {
		t.Error(err)
	}
}

func TestSerialForgetsTheOldestAndCutsEndlessLines(t *testing.T) {
	s := newSerial()
	io.WriteString(s, strings.Repeat("x", 3*maxLine))
	io.WriteString(s, strings.Repeat("\n", 2*maxLines)+"end\n")
	if n := len(s.lines); n < maxLines/2 || n > maxLines || len(s.part) > 0 || s.lines[n-1].Text != "end" {
		t.Errorf("%d lines kept", len(s.lines))
	}
	if _, err := s.WaitFor(t.Context(), 0, regexp.MustCompile("end")); err != nil {
		t.Error(err)
	}
}

// qemu answers the requests of a client in order.
func qemu(t *testing.T, conn net.Conn, answers ...string) {
	t.Cleanup(func() { conn.Close() })
	go func() {
		b := make([]byte, 4096)
		for _, a := range answers {
			io.WriteString(conn, a+"\r\n")
			conn.Read(b)
		}
		conn.Close()
	}()
}

func TestControlPassesOverEventsAndReportsErrors(t *testing.T) {
	ours, theirs := net.Pipe()
	qemu(t, theirs, `{"QMP": {"version": {}}}`, `{"return": {}}`, `{"event": "STOP"} {"return": {"status": "x"}}`,
		`{"error": {"class": "GenericError", "desc": "no such thing"}}`, ``)
	c, err := openControl(ours)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got, err := c.Do("query-status", nil); err != nil || string(got) != `{"status": "x"}` {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := c.Do("x", map[string]any{"a": 1}); err == nil || !strings.Contains(err.Error(), "no such thing") {
		t.Error(err)
	}
}

func TestWhatIsNotQMPIsRefused(t *testing.T) {
	ours, theirs := net.Pipe()
	qemu(t, theirs, `{"hello": 1}`)
	if _, err := openControl(ours); err == nil {
		t.Error("accepted")
	}
}

func TestConfigOfNoKnownKindIsRefused(t *testing.T) {
	for _, c := range []Config{{Name: "a", Arch: "mips", Dir: "/tmp"}, {Name: "a", Arch: AMD64, Dir: strings.Repeat("x", 120)}} {
		if _, err := New(c, nil); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}
