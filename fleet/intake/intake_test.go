package intake

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/argss/argss/fleet/slot"
)

// shelf is a box that keeps what is installed.
type shelf struct {
	root, kernel, options string
	restarts              int
	err                   error
}

func (s *shelf) State() (State, error) { return State{Slot: slot.A, Serial: 1}, nil }

func (s *shelf) Install(r slot.Release) (uint64, error) {
	root, err := io.ReadAll(r.Root)
	if err != nil {
		return 0, err
	}
	kernel, err := io.ReadAll(r.Kernel)
	if err != nil {
		return 0, err
	}
	s.root, s.kernel, s.options = string(root), string(kernel), r.Options
	return 2, s.err
}

func (s *shelf) Restart() { s.restarts++ }

const secret = "a secret of all boxes"

func manifest(t *testing.T, root, kernel string) Manifest {
	t.Helper()
	m := Manifest{Version: "two", Options: "quiet"}
	var err error
	if m.Root, err = PartOf(strings.NewReader(root)); err != nil {
		t.Fatal(err)
	}
	if m.Kernel, err = PartOf(strings.NewReader(kernel)); err != nil {
		t.Fatal(err)
	}
	return m
}

func serve(t *testing.T) (*shelf, Client, *time.Time) {
	t.Helper()
	now, n := time.Unix(1, 0), 0
	box := &shelf{}
	random := func() string { n++; return fmt.Sprint("nonce ", n) }
	web := httptest.NewServer(NewServer(box, secret, random, func() time.Time { return now }))
	t.Cleanup(web.Close)
	return box, Client{web.URL, secret, web.Client()}, &now
}

func TestAReleaseArrivesAsSentAndTheBoxStartsAgain(t *testing.T) {
	box, c, _ := serve(t)
	serial, err := c.Send(t.Context(), manifest(t, "the root", "the kernel"), strings.NewReader("the root"), strings.NewReader("the kernel"))
	if err != nil || serial != 2 {
		t.Fatalf("serial %d, %v", serial, err)
	}
	if box.root != "the root" || box.kernel != "the kernel" || box.options != "quiet" || box.restarts != 1 {
		t.Errorf("%+v", box)
	}
}

func TestNobodyGetsInWithoutTheSecretOrTwice(t *testing.T) {
	box, c, now := serve(t)
	line, _ := manifest(t, "r", "k").Line()
	other, _ := manifest(t, "R", "K").Line()
	ask := func() string {
		s, err := c.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return s.Nonce
	}
	put := func(header string, line []byte, body string) int {
		req := httptest.NewRequest(http.MethodPut, c.URL+"/version", strings.NewReader(string(line)+"\n"+body))
		req.RequestURI = ""
		req.Header.Set("Authorization", header)
		resp, err := c.HTTP.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	good := Authorization(secret, ask(), line)
	for name, header := range map[string]string{
		"none": "", "another secret": Authorization("guess", ask(), line), "no nonce": Authorization(secret, "", line),
		"invented nonce": Authorization(secret, "nonce 999", line), "of another manifest": Authorization(secret, ask(), other),
	} {
		if code := put(header, line, "rk"); code != http.StatusForbidden {
			t.Errorf("%s: %d", name, code)
		}
	}
	if code := put(good, line, "rk"); code != http.StatusAccepted {
		t.Fatalf("the right one: %d", code)
	}
	if code := put(good, line, "rk"); code != http.StatusForbidden {
		t.Errorf("sent again: %d", code)
	}
	late := Authorization(secret, ask(), line)
	*now = now.Add(nonceLife)
	if code := put(late, line, "rk"); code != http.StatusForbidden {
		t.Errorf("after an hour: %d", code)
	}
	if box.restarts != 1 {
		t.Errorf("started again %d times", box.restarts)
	}
}

func TestABoxThatCannotInstallRunsOn(t *testing.T) {
	box, c, _ := serve(t)
	box.err = slot.ErrOnTrial
	_, err := c.Send(t.Context(), manifest(t, "r", "k"), strings.NewReader("r"), strings.NewReader("k"))
	if err == nil || !strings.Contains(err.Error(), "409") || box.restarts != 0 {
		t.Errorf("%v, started again %d times", err, box.restarts)
	}
}

func TestQuestionsWithoutEndCostNoMemory(t *testing.T) {
	var n nonces
	for i := range 10 * maxNonces {
		n.add(fmt.Sprint(i), time.Unix(0, 0))
	}
	if len(n.open) != maxNonces {
		t.Errorf("%d are kept", len(n.open))
	}
}

func TestManifestsThatAskForTooMuchAreRefused(t *testing.T) {
	good := manifest(t, "r", "k")
	for name, spoil := range map[string]func(*Manifest){
		"no root": func(m *Manifest) { m.Root.Size = 0 }, "endless": func(m *Manifest) { m.Kernel.Size = 1 << 60 },
		"negative": func(m *Manifest) { m.Root.Size = -1 }, "no hash": func(m *Manifest) { m.Root.SHA256 = "ab" },
		"two lines": func(m *Manifest) { m.Options = "quiet\nlinux /x" }, "own root": func(m *Manifest) { m.Options = "root=/dev/sda" },
		"other slot": func(m *Manifest) { m.Options = "quiet argss.slot=a" }, "settings": func(m *Manifest) { m.Options = "argss.settings=e30" },
	} {
		m := good
		spoil(&m)
		line, _ := m.Line()
		if _, err := parseManifest(line); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func FuzzParseManifest(f *testing.F) {
	f.Add([]byte(`{"version":"1","options":"quiet","root":{"size":1,"sha256":"` + strings.Repeat("ab", 32) + `"},"kernel":{"size":1,"sha256":"` + strings.Repeat("cd", 32) + `"}}`))
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, line []byte) {
		m, err := parseManifest(line)
		if err != nil {
			return
		}
		again, err := m.Line()
		if err != nil || bytes.ContainsRune(again, '\n') {
			t.Errorf("%q is %q, %v", line, again, err)
		}
		if _, err := parseManifest(again); err != nil {
			t.Errorf("%q is not read again: %v", again, err)
		}
	})
}

func TestAnImageWithoutItsFilesIsToldAndNotSent(t *testing.T) {
	path := t.TempDir() + "/argss-amd64"
	for _, kind := range []string{".cmdline", ".root", ".kernel"} {
		if _, err := Open(path, ""); err == nil {
			t.Errorf("opened without its %s", kind)
		}
		if err := os.WriteFile(path+kind, []byte("console=ttyS0 root=PARTUUID=1 quiet\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	i, err := Open(path, "argss.bench")
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	if i.Options != "console=ttyS0 quiet argss.bench" || i.Manifest.Root.Size != 36 {
		t.Errorf("%+v", i.Manifest)
	}
}
