package dashboard

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/argss/argss/disks"
	"github.com/argss/argss/wiki"
)

func example() Status {
	heard := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return Status{
		Wiki: "Family", Box: "wichita-1", City: "Wichita", Version: "1.0", Role: Master,
		Revisions: 7, SetDigest: wiki.HashOf([]byte("a")), Disk: disks.Verdict{Grade: disks.Good},
		Peers: []Peer{
			{Name: "wichita-2", URL: "http://127.77.0.2:8080", Alive: true, LastHeard: &heard, SetDigest: wiki.HashOf([]byte("a"))},
			{Name: "tulsa", URL: "http://127.77.1.1:8080", Alive: true, LastHeard: &heard, Lag: 3},
		},
	}
}

func obedient(Order) error { return nil }

func bare(w http.ResponseWriter, r *http.Request, _ int, _ string, body templ.Component) {
	_ = body.Render(r.Context(), w)
}

func ask(t *testing.T, s Status, path string) string {
	t.Helper()
	w := httptest.NewRecorder()
	Handler(func() Status { return s }, obedient, bare).ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s: %d", path, w.Code)
	}
	return w.Body.String()
}

func TestStatusSaysTheMostImportantThingFirst(t *testing.T) {
	for want, change := range map[string]func(*Status){
		"All is well: 3 boxes":          func(*Status) {},
		"This box is alone":             func(s *Status) { s.Peers = nil },
		"Keep this box on: one edit":    func(s *Status) { s.Limp = &Limp{Uncopied: 1} },
		"1 of 2 other boxes answer":     func(s *Status) { s.Peers[0].Alive = false },
		"No other box answers. Reading": func(s *Status) { s.Peers[0].Alive, s.Peers[1].Alive = false, false },
		"3 behind":                      func(*Status) {},
		"answers the shared address":    func(*Status) {},
		"not heard since this box":      func(s *Status) { s.Peers[1].LastHeard = nil },
		"2 of 40 acknowledged saves":    func(s *Status) { s.Ledger = &Ledger{Saves: 40, Lost: 2} },
	} {
		s := example()
		change(&s)
		if got := ask(t, s, "/status"); !strings.Contains(got, want) {
			t.Errorf("want %q in\n%s", want, got)
		}
	}
}

func TestStatusJSONHasTheDocumentedMembers(t *testing.T) {
	var got map[string]any
	if err := json.Unmarshal([]byte(ask(t, example(), "/status.json")), &got); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"box", "version", "role", "demotion", "peers", "revisions", "set_digest", "limp"} {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
	if got["limp"] != nil {
		t.Errorf("a box that is well limps: %v", got["limp"])
	}
	peer := got["peers"].([]any)[0].(map[string]any)
	for _, name := range []string{"name", "alive", "last_heard", "lag"} {
		if _, ok := peer[name]; !ok {
			t.Errorf("a peer's %s is missing", name)
		}
	}
}

func TestStatusCanOnlyBeRead(t *testing.T) {
	w := httptest.NewRecorder()
	Handler(example, obedient, bare).ServeHTTP(w, httptest.NewRequest("POST", "/status.json", nil))
	var refusal struct{ Error, Reason string }
	if err := json.Unmarshal(w.Body.Bytes(), &refusal); err != nil || w.Code != http.StatusMethodNotAllowed || refusal.Reason == "" {
		t.Errorf("answered %d %s, %v", w.Code, w.Body, err)
	}
}
