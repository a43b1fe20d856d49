package household

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/argss/argss/appliance/dashboard"
)

// stage is the program run, started as make starts it.
type stage struct {
	t    *testing.T
	cmd  *exec.Cmd
	said chan string // its lines
	seen []string
	pids map[string]string
	urls map[string]string
}

func startStage(t *testing.T, in, out *os.File, lines io.Reader, session bool, args ...string) *stage {
	t.Helper()
	s := &stage{t: t, said: make(chan string, 10_000), pids: map[string]string{}, urls: map[string]string{}}
	args = append([]string{"-boxd", program(t, "boxd")}, args...)
	s.cmd = exec.Command(program(t, "run"), args...)
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = in, out, out
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: session, Setctty: session}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	go func() {
		defer close(s.said)
		for scan := bufio.NewScanner(lines); scan.Scan(); {
			s.said <- scan.Text()
		}
	}()
	return s
}

var lastDrawn = regexp.MustCompile(`^.*\x1b\[K`)

// until reads lines up to one that matches, and returns what its groups hold.
func (s *stage) until(pattern string) []string {
	s.t.Helper()
	want := regexp.MustCompile(pattern)
	late := time.After(patienceFor)
	for {
		select {
		case line, ok := <-s.said:
			if !ok {
				s.t.Fatalf("it ended without a line like %q:\n%s", pattern, strings.Join(s.seen, "\n"))
			}
			line = strings.TrimRight(lastDrawn.ReplaceAllString(line, ""), "\r")
			s.seen = append(s.seen, line)
			if found := want.FindStringSubmatch(line); found != nil {
				return found
			}
		case <-late:
			s.t.Fatalf("no line like %q:\n%s", pattern, strings.Join(s.seen, "\n"))
		}
	}
}

// addresses reads the lines for scripts.
func (s *stage) addresses() {
	s.t.Helper()
	for range 3 {
		found := s.until(`^box (\S+) (http://\S+) pid (\d+)$`)
		s.urls[found[1]], s.pids[found[1]] = found[2], found[3]
	}
	s.urls["wiki"] = s.until(`^wiki (http://127\.77\.0\.100:\d+)$`)[1]
}

// over waits for the program to end in order, with all of its boxes.
func (s *stage) over() {
	s.t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- s.cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			s.t.Errorf("it ended with %v:\n%s", err, strings.Join(s.seen, "\n"))
		}
	case <-time.After(patienceFor):
		s.t.Fatal("it does not end")
	}
	for name, pid := range s.pids {
		if _, err := os.Stat("/proc/" + pid); err == nil {
			s.t.Errorf("box %s (%s) still runs", name, pid)
		}
	}
}

func TestRunWithoutATerminalServesUntilItIsTold(t *testing.T) {
	folder, data := t.TempDir(), t.TempDir()
	for name, content := range map[string]string{"notes/%.md": "percent\n", "notes/pic.png": "png", "bad.md": "\xff"} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	lines, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer lines.Close()
	s := startStage(t, nil, out, lines, false, "-data", data, "-import", folder)
	out.Close()
	s.addresses()
	s.until(`^imported the manual: 1\d created`)
	s.until(`^importing: 3 of 3`)
	s.until(`^imported .*: 2 created, .* 1 skipped`)
	s.until(`skipped "bad.md": its text is not valid UTF-8`)
	if _, home := get(t, s.urls["wiki"]+"/wiki/Home"); !strings.Contains(home, "hard to lose") {
		t.Errorf("Home is not the manual's: %s", home)
	}
	if _, text := get(t, s.urls["tulsa"]+"/raw/notes/%25"); text != "percent\n" {
		t.Errorf("tulsa has %q", text)
	}
	pid := s.pids["wichita-1"]
	if err := exec.Command("kill", "-9", pid).Run(); err != nil {
		t.Fatal(err)
	}
	s.until(`^unplugged wichita-1$`)
	delete(s.pids, "wichita-1")
	untilLedger(t, s.urls["wiki"], func(l dashboard.Ledger) bool { return l.Unplugs == 1 && l.Saves > 1 && l.Lost == 0 })
	if _, page := get(t, s.urls["wiki"]+"/wiki/Home"); !strings.Contains(page, "1 unplug so far") {
		t.Error("the page does not show the ledger")
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.until(`^ledger: 1 unplug so far, 0 of \d+ acknowledged saves lost, worst gap `)
	s.over()
}

// untilLedger waits until the answering box shows a ledger that satisfies ok.
func untilLedger(t *testing.T, wiki string, ok func(dashboard.Ledger) bool) {
	t.Helper()
	until(t, func() (bool, string) {
		resp, err := http.Get(wiki + "/status.json")
		if err != nil {
			return false, err.Error()
		}
		defer resp.Body.Close()
		var status struct {
			Ledger *dashboard.Ledger `json:"ledger"`
		}
		if err := json.NewDecoder(resp.Body).Decode(&status); err != nil {
			return false, err.Error()
		}
		return status.Ledger != nil && ok(*status.Ledger), fmt.Sprintf("the ledger stays at %+v", status.Ledger)
	})
}

func TestKeysPullAndReplacePlugs(t *testing.T) {
	ours, theirs := openPTY(t)
	before, err := unix.IoctlGetTermios(int(theirs.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	s := startStage(t, theirs, theirs, ours, true, "-data", t.TempDir())
	press := func(key string) {
		t.Helper()
		if _, err := io.WriteString(ours, key); err != nil {
			t.Fatal(err)
		}
	}
	s.addresses()
	s.until(`1, 2 or 3 kills that box`)
	press("3")
	s.until(`^unplugged tulsa$`)
	press("?")
	s.until(`3 tulsa is unplugged`)
	press("3")
	s.pids["tulsa"] = s.until(`^box tulsa \S+ pid (\d+)$`)[1]
	press("m")
	s.until(`^the monkey is loose`)
	s.until(`^unplugged `)
	press("m")
	s.until(`^the monkey sleeps`)
	press("q")
	s.until(`^stopping the boxes`)
	s.over()
	after, err := unix.IoctlGetTermios(int(theirs.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	if *after != *before {
		t.Errorf("the terminal was left as %+v, it was %+v", *after, *before)
	}
}

// openPTY returns both ends of a new terminal, 100 columns wide.
func openPTY(t *testing.T) (ours, theirs *os.File) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ours.Close() })
	if err := unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(ours.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { theirs.Close() })
	if err := unix.IoctlSetWinsize(int(theirs.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 30, Col: 100}); err != nil {
		t.Fatal(err)
	}
	return ours, theirs
}
