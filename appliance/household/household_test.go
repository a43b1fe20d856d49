package household

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/argss/argss/appliance/settings"
)

// TestMain lets this test's own program stand in for boxd, and for a launcher
// that can be killed.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) == 3 && os.Args[1] == "-settings":
		standIn(os.Args[2])
	case os.Getenv("HOUSEHOLD_LAUNCHER") != "":
		launcher(os.Getenv("HOUSEHOLD_LAUNCHER"))
	default:
		code := m.Run()
		if builder.dir != "" {
			os.RemoveAll(builder.dir)
		}
		os.Exit(code)
	}
}

// standIn is a box that knows only how it is called, and takes the shared
// address whenever it is free.
func standIn(path string) {
	s, err := settings.Load(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if s.Secret == strings.Repeat("0", 64) {
		fmt.Fprintln(os.Stderr, "the secret", "is odd") // for the test of last words
		os.Exit(3)
	}
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"box": s.Box, "role": "none"})
	})
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	serve := func(address string) {
		for ctx.Err() == nil {
			if l, err := net.Listen("tcp", address); err == nil {
				_ = http.Serve(l, answer)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	go serve(s.Listen)
	if s.Shared != nil {
		go serve(s.Shared.Address)
	}
	<-ctx.Done()
}

// launcher runs a household and tells its boxes' pids.
func launcher(data string) {
	self, _ := os.Executable()
	h, err := Start(context.Background(), Config{Boxd: self, Data: data, Network: Network{127, 79}})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for _, b := range h.Boxes() {
		fmt.Println(b.PID)
	}
	fmt.Println("all")
	select {}
}

// events collects what a household tells.
type events struct {
	mu   sync.Mutex
	seen []string
	news chan struct{}
}

func newEvents() *events { return &events{news: make(chan struct{}, 100)} }

func (e *events) tell(v Event) {
	e.mu.Lock()
	e.seen = append(e.seen, fmt.Sprintf("%d %s", v.Kind, v.Box.Name))
	e.mu.Unlock()
	e.news <- struct{}{}
}

func (e *events) until(t *testing.T, want string) {
	t.Helper()
	for {
		e.mu.Lock()
		seen := strings.Join(e.seen, ", ")
		e.mu.Unlock()
		if strings.Contains(seen, want) {
			return
		}
		select {
		case <-e.news:
		case <-time.After(20 * time.Second):
			t.Fatalf("no event %q, only %q", want, seen)
		}
	}
}

func startStandIns(t *testing.T, data string, tell func(Event)) *Household {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	h, err := Start(t.Context(), Config{Boxd: self, Data: data, Network: Network{127, 78}, Tell: tell})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Stop)
	return h
}

func TestKilledBoxIsGoneAndComesBack(t *testing.T) {
	e := newEvents()
	h := startStandIns(t, t.TempDir(), e.tell)
	before := h.Boxes()[2]
	if ran, err := h.Kill("tulsa"); !ran || err != nil {
		t.Fatalf("killed %v, %v", ran, err)
	}
	e.until(t, fmt.Sprintf("%d tulsa", Unplugged))
	if err := syscall.Kill(before.PID, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is still there: %v", before.PID, err)
	}
	if ran, _ := h.Kill("tulsa"); ran || h.Boxes()[2].PID != 0 {
		t.Error("a dead box was killed again")
	}
	if len(h.Conditions(t.Context())) != 2 {
		t.Error("two boxes should answer")
	}
	if err := h.Revive(t.Context(), "tulsa"); err != nil {
		t.Fatal(err)
	}
	after := h.Boxes()[2]
	if after.PID == 0 || after.PID == before.PID || after.URL != before.URL {
		t.Errorf("%v came back as %v", before, after)
	}
	if _, err := h.Kill("nobody"); err == nil {
		t.Error("killed a box that does not exist")
	}
}

func TestPlugPulledFromElsewhereIsNoticed(t *testing.T) {
	e := newEvents()
	h := startStandIns(t, t.TempDir(), e.tell)
	for _, b := range h.Boxes()[:2] {
		if err := syscall.Kill(b.PID, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		e.until(t, fmt.Sprintf("%d %s", Unplugged, b.Name))
	}
	if !h.TwinsOut() {
		t.Error("both twins are dead and it is not noticed")
	}
	if err := h.Revive(t.Context(), "wichita-2"); err != nil || h.TwinsOut() {
		t.Errorf("a twin came back, %v, twins out %v", err, h.TwinsOut())
	}
}

func TestSecondStartKeepsSecretAndPort(t *testing.T) {
	data := t.TempDir()
	first := startStandIns(t, data, nil)
	if _, err := Start(t.Context(), Config{Boxd: "/bin/false", Data: data}); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("two households in one folder: %v", err)
	}
	first.Stop()
	load := func() (all []settings.Settings) {
		for _, name := range []string{"wichita-1", "wichita-2", "tulsa"} {
			s, err := settings.Load(filepath.Join(data, name, "settings.json"))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, s)
		}
		return all
	}
	before := load()
	startStandIns(t, data, nil)
	if diff := cmp.Diff(before, load()); diff != "" {
		t.Errorf("settings changed: %s", diff)
	}
	if before[0].Secret != before[2].Secret || len(before[0].Secret) != 64 {
		t.Errorf("secrets %q and %q", before[0].Secret, before[2].Secret)
	}
	if s := before[0].Shared; s == nil || s.Skew >= before[1].Shared.Skew || before[2].Shared != nil {
		t.Errorf("shares %v, %v, %v", s, before[1].Shared, before[2].Shared)
	}
}

func TestTakenPortLeadsToAnother(t *testing.T) {
	network := Network{127, 81}
	for _, c := range []struct{ kind, address string }{
		{"tcp", netip.AddrPortFrom(network.shared(), 18080).String()},
		{"tcp", netip.AddrPortFrom(network.host(1, 1), 18081).String()},
	} {
		l, err := net.Listen(c.kind, c.address)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
	}
	u, err := net.ListenPacket("udp", netip.AddrPortFrom(network.host(0, 2), 18082).String())
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	got, err := pickPort(network, 18080, 18081, 18082, 18083)
	if err != nil || got != 18083 {
		t.Errorf("picked %d, %v", got, err)
	}
}

func TestBoxThatCannotStartSaysWhy(t *testing.T) {
	data := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	zeros := bytes.NewReader(make([]byte, 32))
	_, err = Start(t.Context(), Config{Boxd: self, Data: data, Network: Network{127, 78}, Random: zeros})
	if err == nil || !strings.Contains(err.Error(), "start box wichita-1: it ended (exit status 3)") || !strings.Contains(err.Error(), "the secret is odd") {
		t.Errorf("got %v", err)
	}
	_, err = Start(t.Context(), Config{Boxd: filepath.Join(data, "nothing"), Data: data, Network: Network{127, 78}})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a program: %v", err)
	}
}

func TestBoxesDieWithTheirLauncher(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	proc, err := os.StartProcess(self, []string{self}, &os.ProcAttr{
		Env: append(os.Environ(), "HOUSEHOLD_LAUNCHER="+t.TempDir()), Files: []*os.File{nil, in, os.Stderr},
	})
	if err != nil {
		t.Fatal(err)
	}
	in.Close()
	var pids [3]int
	var last string
	if _, err := fmt.Fscan(out, &pids[0], &pids[1], &pids[2], &last); err != nil {
		t.Fatalf("the launcher said %v, %v", pids, err)
	}
	if err := proc.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := proc.Wait(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for _, pid := range pids {
		for running(pid) {
			if time.Now().After(deadline) {
				t.Fatalf("box %d outlived its launcher", pid)
			}
			time.Sleep(time.Millisecond) // nobody tells of the end of a stranger's child
		}
	}
}

// running tells whether a process is there and no zombie, which nobody may
// have the time to bury.
func running(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !bytes.Contains(stat, []byte(") Z "))
}
