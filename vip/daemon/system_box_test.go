//go:build system

package daemon_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/argss/argss/vip/control"
	"github.com/argss/argss/vip/labtest"
)

const (
	shared  = "10.77.0.100"
	shared6 = "fd77::100"
	phrase  = "s3cret"
)

// program is vipd, built for these tests.
var program string

// role makes the test binary one of the programs of the benchmark.
var role func(arguments []string) bool

func TestMain(m *testing.M) {
	if role != nil && role(os.Args[1:]) {
		return
	}
	os.Exit(build(m))
}

func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "vipd")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "vipd")
	c := exec.Command("go", "build", "-o", program, "../vipd")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build vipd: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// box is a machine that may run vipd.
type box struct {
	*labtest.Box
	t      *testing.T
	source string
	vipd   *labtest.Process
	socket string
	secret string
}

func newBox(t *testing.T, lab *labtest.Lab, i int) *box {
	t.Helper()
	dir := t.TempDir()
	b := &box{
		Box:    lab.Box(fmt.Sprint("box", i), address(i)+"/24", address6(i)+"/64"),
		t:      t,
		source: address(i),
		socket: filepath.Join(dir, "control"),
		secret: filepath.Join(dir, "secret"),
	}
	if err := os.WriteFile(b.secret, []byte(phrase+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return b
}

func address(i int) string  { return fmt.Sprint("10.77.0.", i) }
func address6(i int) string { return fmt.Sprint("fd77::", i) }

// arguments is a command line that shares the IPv4 address.
func (b *box) arguments(more ...string) []string {
	return append([]string{
		"-interface", "eth0", "-source", b.source, "-address", shared + "/24", "-vhid", "7", "-secret-file", b.secret,
	}, more...)
}

// begin starts vipd and waits until it listens.
func (b *box) begin(more ...string) {
	b.t.Helper()
	b.vipd = b.Start(program, b.arguments(more...)...)
	b.vipd.Expect("vipd begins")
}

// peers names all boxes but this one.
func (b *box) peers(n int) (flags []string) {
	for i := 1; i <= n; i++ {
		if address(i) != b.source {
			flags = append(flags, "-peer", address(i))
		}
	}
	return flags
}

// is waits until vipd is in a state.
func (b *box) is(state string) {
	b.t.Helper()
	b.vipd.Expect("to=" + state)
}

// changes counts the changes of state that vipd told.
func (b *box) changes() int { return strings.Count(b.vipd.Log(), `msg="shared address"`) }

// holds waits until the box's kernel has the shared address, or has it not.
func (b *box) holds(want bool) {
	b.t.Helper()
	labtest.Wait(b.t, fmt.Sprintf("%s to hold the address: %v", b.Name, want), func() bool { return b.Has(shared) == want })
}

// twins are two boxes with heartbeats, of which the first is master.
func twins(t *testing.T, more ...string) (*labtest.Lab, *box, *box) {
	t.Helper()
	lab := labtest.New(t)
	one, two := newBox(t, lab, 1), newBox(t, lab, 2)
	one.begin(append(one.peers(2), more...)...)
	one.holds(true)
	two.begin(append(two.peers(2), more...)...)
	two.is("backup")
	return lab, one, two
}

// voice connects to the control socket.
func (b *box) voice() *control.Client {
	b.t.Helper()
	c, err := control.Dial(b.socket)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { c.Close() })
	return c
}

// status asks vipd; it must have been begun with the control socket.
func (b *box) status() control.Status {
	b.t.Helper()
	c := b.voice()
	defer c.Close()
	s, err := c.Status()
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// single waits until exactly one of the boxes holds the address, and stays so for
// many intervals.
func single(t *testing.T, boxes ...*box) (holder *box) {
	t.Helper()
	same := 0
	labtest.Wait(t, "exactly one holder", func() bool {
		var holders []*box
		for _, b := range boxes {
			if b.Has(shared) {
				holders = append(holders, b)
			}
		}
		if len(holders) != 1 || holders[0] != holder {
			same, holder = 0, nil
			if len(holders) == 1 {
				holder = holders[0]
			}
			return false
		}
		same++
		return same == 20
	})
	return holder
}
