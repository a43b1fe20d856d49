package control_test

import (
	"bufio"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/argss/argss/vip/control"
	"github.com/google/go-cmp/cmp"
)

// target passes on what it is told, in order.
type target chan int

func (t target) Demote(n int) { t <- n }

func (t target) Status() control.Status {
	return control.Status{State: "master", Reason: "no master heard", Peers: []string{"10.77.0.2"}, Since: time.Unix(1, 0).UTC()}
}

func (t target) next(test *testing.T) int {
	test.Helper()
	select {
	case n := <-t:
		return n
	case <-time.After(20 * time.Second):
		test.Fatal("nobody set the demotion")
		return -1
	}
}

func listen(t *testing.T) (target, string, *control.Server) {
	t.Helper()
	told, path := make(target, 100), filepath.Join(t.TempDir(), "s")
	s, err := control.Listen(path, told, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return told, path, s
}

func dial(t *testing.T, path string) *control.Client {
	t.Helper()
	c, err := control.Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func demote(t *testing.T, c *control.Client, n int) {
	t.Helper()
	if err := c.Demote(n); err != nil {
		t.Fatal(err)
	}
}

func TestClosedVoiceDemotesAtOnce(t *testing.T) {
	told, path, _ := listen(t)
	got := []int{told.next(t)} // before anybody spoke
	c := dial(t, path)
	demote(t, c, 0)
	demote(t, c, 16)
	c.Close()
	got = append(got, told.next(t), told.next(t), told.next(t))
	if diff := cmp.Diff([]int{control.Unattended, 0, 16, control.Unattended}, got); diff != "" {
		t.Error(diff)
	}
}

func TestSilentVoiceDemotes(t *testing.T) {
	told, path, _ := listen(t)
	c := dial(t, path)
	demote(t, c, 0)
	told.next(t)
	told.next(t)
	begin := time.Now()
	if n := told.next(t); n != control.Unattended || time.Since(begin) < control.Silence/2 {
		t.Errorf("demoted to %d after %v of silence", n, time.Since(begin))
	}
}

func TestListenerThatOnlyAsksIsNoVoice(t *testing.T) {
	told, path, _ := listen(t)
	told.next(t)
	voice, other := dial(t, path), dial(t, path)
	demote(t, voice, 3)
	told.next(t)
	got, err := other.Status()
	if diff := cmp.Diff(told.Status(), got); diff != "" || err != nil {
		t.Errorf("status (%v):\n%s", err, diff)
	}
	other.Close()
	demote(t, voice, 4)
	if n := told.next(t); n != 4 {
		t.Errorf("the visitor's leaving set the demotion to %d", n)
	}
}

func TestNewVoiceReplacesTheOld(t *testing.T) {
	told, path, _ := listen(t)
	old, young := dial(t, path), dial(t, path)
	demote(t, old, 1)
	demote(t, young, 2)
	old.Close()
	demote(t, young, 3)
	got := []int{told.next(t), told.next(t), told.next(t), told.next(t)}
	if diff := cmp.Diff([]int{control.Unattended, 1, 2, 3}, got); diff != "" {
		t.Error(diff)
	}
}

func TestNonsenseIsAnsweredAndChangesNothing(t *testing.T) {
	told, path, _ := listen(t)
	told.next(t)
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	lines := bufio.NewReader(conn)
	for _, nonsense := range []string{"", "demotion", "demotion -1", "demotion 256", "demotion x", "hello"} {
		fmt.Fprintln(conn, nonsense)
		if answer, err := lines.ReadString('\n'); err != nil || answer[:6] != "error:" {
			t.Errorf("%q was answered %q, %v", nonsense, answer, err)
		}
	}
	if len(told) != 0 {
		t.Errorf("demotion was set to %d", <-told)
	}
}

func TestSocketOfADeadProgramIsReplacedAndOfALivingNot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	left.SetUnlinkOnClose(false)
	left.Close()
	told := make(target, 100)
	s, err := control.Listen(path, told, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if second, err := control.Listen(path, told, slog.New(slog.DiscardHandler)); err == nil {
		second.Close()
		t.Error("two programs listen on one socket")
	}
}
