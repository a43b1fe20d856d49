package appliance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/argss/argss/appliance"
	"github.com/argss/argss/appliance/dashboard"
	"github.com/argss/argss/appliance/settings"
	"github.com/argss/argss/appliance/simulation"
)

// world is three boxes: twins that share an address, and one elsewhere. The
// same tests run on real files and sockets and on simulated ones.
type world interface {
	client() *http.Client
	shared() string            // URL of the shared address
	url(box string) string     // of a box's own address
	start(box string)          // returns when it answers
	stop(box string)           // in order
	eventually() time.Duration // how long something may take
}

var boxes = []string{"wichita-1", "wichita-2", "tulsa"}

func inBothWorlds(t *testing.T, body func(t *testing.T, w world)) {
	t.Run("real", func(t *testing.T) { body(t, newRealWorld(t)) })
	t.Run("simulated", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { body(t, newSimulatedWorld(t)) })
	})
}

// realWorld is boxes on this machine's loopback with files in a folder.
type realWorld struct {
	t       *testing.T
	choices map[string]settings.Settings
	stops   map[string]func()
	address string
}

func newRealWorld(t *testing.T) *realWorld {
	w := &realWorld{t: t, choices: map[string]settings.Settings{}, stops: map[string]func(){}}
	hosts := map[string]string{"wichita-1": "127.77.40.1", "wichita-2": "127.77.40.2", "tulsa": "127.77.41.1"}
	w.address = free(t, "127.77.40.100")
	listen := map[string]string{}
	for name, host := range hosts {
		listen[name] = free(t, host)
	}
	udp := map[string]string{"wichita-1": freeUDP(t, hosts["wichita-1"]), "wichita-2": freeUDP(t, hosts["wichita-2"])}
	for i, name := range boxes {
		s := settings.Settings{
			Wiki: "Test", Box: name, City: "Somewhere", Listen: listen[name], Data: t.TempDir(), Secret: strings.Repeat("5e", 16),
		}
		for _, other := range boxes {
			if other != name {
				s.Peers = append(s.Peers, settings.Peer{Name: other, URL: "http://" + listen[other]})
			}
		}
		if name != "tulsa" {
			twin := boxes[1-i]
			s.Shared = &settings.Shared{Address: w.address, VHID: 7, Skew: uint8(26 + i), Source: udp[name], Peers: []string{udp[twin]}}
		}
		if err := s.Check(); err != nil {
			t.Fatal(err)
		}
		w.choices[name] = s
	}
	t.Cleanup(func() {
		for _, stop := range w.stops {
			stop()
		}
	})
	return w
}

func free(t *testing.T, host string) string {
	t.Helper()
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func freeUDP(t *testing.T, host string) string {
	t.Helper()
	c, err := net.ListenPacket("udp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().String()
}

func (w *realWorld) client() *http.Client      { return &http.Client{Timeout: 10 * time.Second} }
func (w *realWorld) shared() string            { return "http://" + w.address }
func (w *realWorld) url(box string) string     { return "http://" + w.choices[box].Listen }
func (w *realWorld) eventually() time.Duration { return time.Minute }

func (w *realWorld) start(name string) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := w.choices[name]
	box := appliance.New(s, appliance.RealParts(s.Data, slog.New(slog.DiscardHandler)))
	done := make(chan error, 1)
	go func() { done <- box.Run(ctx) }()
	select {
	case <-box.Ready():
	case err := <-done:
		w.t.Fatalf("box %s: %v", name, err)
	}
	w.stops[name] = func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Errorf("box %s: %v", name, err)
		}
	}
}

func (w *realWorld) stop(name string) {
	w.stops[name]()
	delete(w.stops, name)
}

// simulatedWorld is boxes on simulated disks and a simulated network, in
// virtual time.
type simulatedWorld struct {
	t *testing.T
	*simulation.World
}

func newSimulatedWorld(t *testing.T) *simulatedWorld {
	w := &simulatedWorld{t, simulation.NewWorld(1, slog.New(slog.DiscardHandler))}
	t.Cleanup(func() {
		for _, n := range w.Boxes {
			if n.On() {
				w.stop(n.Name)
			}
		}
		w.Wait()
	})
	return w
}

func (w *simulatedWorld) client() *http.Client      { return w.Client("reader") }
func (w *simulatedWorld) shared() string            { return "http://" + simulation.Shared }
func (w *simulatedWorld) url(box string) string     { return "http://" + w.Box(box).Address }
func (w *simulatedWorld) eventually() time.Duration { return time.Minute }

func (w *simulatedWorld) start(box string) {
	w.Box(box).PlugIn()
	<-w.Box(box).Ready()
}

func (w *simulatedWorld) stop(box string) {
	if err := w.Box(box).Stop(); err != nil {
		w.t.Errorf("box %s: %v", box, err)
	}
}

// answer is what a test wants to know of an HTTP answer.
type answer struct {
	code   int
	header http.Header
	body   string
}

func ask(w world, method, url, body string, headers ...string) (answer, error) {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	c := w.client()
	defer c.CloseIdleConnections()
	resp, err := c.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(data)}, err
}

// must asks until the answer has the wanted code: after a box died, that takes
// as long as the shared address takes to move.
func must(t *testing.T, w world, code int, method, url, body string, headers ...string) answer {
	t.Helper()
	var a answer
	var err error
	until(t, w, func() string {
		if a, err = ask(w, method, url, body, headers...); err != nil {
			return err.Error()
		}
		if a.code >= 500 {
			return fmt.Sprintf("%d %s", a.code, a.body)
		}
		return ""
	})
	if a.code != code {
		t.Fatalf("%s %s: %d %s, want %d", method, url, a.code, a.body, code)
	}
	return a
}

// until waits until problem has none to report.
func until(t *testing.T, w world, problem func() string) {
	t.Helper()
	deadline := time.Now().Add(w.eventually())
	for {
		p := problem()
		if p == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("still after %v: %s", w.eventually(), p)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func status(w world, url string) (dashboard.Status, error) {
	a, err := ask(w, "GET", url+"/status.json", "")
	if err != nil {
		return dashboard.Status{}, err
	}
	var s dashboard.Status
	return s, json.Unmarshal([]byte(a.body), &s)
}

// agree waits until the named boxes report one digest and no limp mode.
func agree(t *testing.T, w world, names ...string) {
	t.Helper()
	until(t, w, func() string {
		first, err := status(w, w.url(names[0]))
		if err != nil {
			return err.Error()
		}
		for _, name := range names {
			s, err := status(w, w.url(name))
			switch {
			case err != nil:
				return err.Error()
			case s.SetDigest != first.SetDigest || s.Limp != nil:
				return fmt.Sprintf("%s has %d revisions (%s), limp %v; %s has %d (%s)", name, s.Revisions,
					s.SetDigest.Short(), s.Limp, names[0], first.Revisions, first.SetDigest.Short())
			}
		}
		return ""
	})
}

func startAll(w world) {
	for _, name := range boxes {
		w.start(name)
	}
}

// holder returns the box that answers on the shared address.
func holder(t *testing.T, w world) string {
	t.Helper()
	var name string
	until(t, w, func() string {
		s, err := status(w, w.shared())
		if err != nil {
			return err.Error()
		}
		name = s.Box
		return ""
	})
	return name
}

func TestASaveIsOnAllBoxesAndAcknowledgedByTwo(t *testing.T) {
	inBothWorlds(t, func(t *testing.T, w world) {
		startAll(w)
		agree(t, w, boxes...)
		holder(t, w)
		saved := must(t, w, 201, "PUT", w.shared()+"/raw/common/history", "tail -f\n", "If-None-Match", "*", "Idempotency-Key", "k1")
		if copies := strings.Split(saved.header.Get("Wiki-Copies"), ","); len(copies) < 2 {
			t.Errorf("acknowledged by %v", copies)
		}
		agree(t, w, boxes...)
		for _, name := range boxes {
			got := must(t, w, 200, "GET", w.url(name)+"/raw/common/history", "")
			if got.body != "tail -f\n" || got.header.Get("ETag") != saved.header.Get("ETag") {
				t.Errorf("%s reads %q with tag %s", name, got.body, got.header.Get("ETag"))
			}
		}
	})
}

func TestTheAddressMovesAndTheReturningBoxCatchesUp(t *testing.T) {
	inBothWorlds(t, func(t *testing.T, w world) {
		startAll(w)
		agree(t, w, boxes...)
		first := holder(t, w)
		must(t, w, 201, "PUT", w.shared()+"/raw/Home", "one\n", "If-None-Match", "*")
		w.stop(first)
		tag := must(t, w, 200, "GET", w.shared()+"/raw/Home", "").header.Get("ETag")
		must(t, w, 200, "PUT", w.shared()+"/raw/Home", "two\n", "If-Match", tag)
		if now := holder(t, w); now == first {
			t.Errorf("the stopped box %s answers on the shared address", now)
		}
		w.start(first)
		agree(t, w, boxes...)
		if got := must(t, w, 200, "GET", w.url(first)+"/raw/Home", ""); got.body != "two\n" {
			t.Errorf("the returned box reads %q", got.body)
		}
	})
}

func TestAResentSaveIsOneSaveOnAnyBox(t *testing.T) {
	inBothWorlds(t, func(t *testing.T, w world) {
		startAll(w)
		agree(t, w, boxes...)
		headers := []string{"If-None-Match", "*", "Idempotency-Key", "k"}
		for _, name := range boxes { // a box that has not heard of the save yet records it again
			must(t, w, 201, "PUT", w.url(name)+"/raw/Home", "one\n", headers...)
		}
		agree(t, w, boxes...)
		first := must(t, w, 200, "GET", w.url("wichita-1")+"/raw/Home", "")
		for _, name := range boxes {
			got := must(t, w, 200, "GET", w.url(name)+"/raw/Home", "")
			if got.header.Get("ETag") != first.header.Get("ETag") || got.header.Get("Wiki-State") != "text" {
				t.Errorf("%s reads %s with tag %s", name, got.header.Get("Wiki-State"), got.header.Get("ETag"))
			}
			must(t, w, 201, "PUT", w.url(name)+"/raw/Home", "one\n", headers...)
			must(t, w, 422, "PUT", w.url(name)+"/raw/Home", "other\n", headers...)
		}
		if s, err := status(w, w.url("tulsa")); err != nil || s.Revisions > 3 {
			t.Errorf("one save became %d revisions, %v", s.Revisions, err)
		}
	})
}

func TestTheLastBoxStandingIsAFullWikiAndSaysThatItIsAlone(t *testing.T) {
	inBothWorlds(t, func(t *testing.T, w world) {
		startAll(w)
		must(t, w, 201, "PUT", w.url("tulsa")+"/raw/Home", "together\n", "If-None-Match", "*")
		agree(t, w, boxes...)
		w.stop("wichita-1")
		w.stop("wichita-2")
		tag := must(t, w, 200, "GET", w.url("tulsa")+"/raw/Home", "").header.Get("ETag")
		saved := must(t, w, 200, "PUT", w.url("tulsa")+"/raw/Home", "alone\n", "If-Match", tag)
		if got := saved.header.Get("Wiki-Copies"); got != "tulsa" {
			t.Errorf("alone, and yet acknowledged by %q", got)
		}
		if s, err := status(w, w.url("tulsa")); err != nil || s.Limp == nil || s.Limp.Uncopied != 1 {
			t.Errorf("limp mode is reported as %+v, %v", s.Limp, err)
		}
		w.start("wichita-1")
		w.start("wichita-2")
		agree(t, w, boxes...)
		must(t, w, 200, "GET", w.shared()+"/raw/Home", "")
	})
}

func TestStrangersDoNotSeeTheKeeperSpace(t *testing.T) {
	inBothWorlds(t, func(t *testing.T, w world) {
		w.start("tulsa")
		must(t, w, 200, "GET", w.url("tulsa")+"/db/public/", "")
		must(t, w, 404, "GET", w.url("tulsa")+"/db/keeper/", "")
		must(t, w, 404, "GET", w.url("tulsa")+"/db/keeper/", "", "Authorization", "Bearer 0000")
		must(t, w, 200, "GET", w.url("tulsa")+"/db/keeper/", "", "Authorization", "Bearer "+strings.Repeat("5e", 16))
		must(t, w, 403, "PUT", w.url("tulsa")+"/raw/X", "x", "Sec-Fetch-Site", "cross-site")
		must(t, w, 403, "POST", w.url("tulsa")+"/db/public/_bulk_docs", "{}", "Sec-Fetch-Site", "cross-site")
	})
}
