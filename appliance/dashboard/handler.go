package dashboard

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/a-h/templ"
)

// Show draws a page in the wiki's frame.
type Show func(w http.ResponseWriter, r *http.Request, status int, title string, body templ.Component)

// Order is what a person asks the box to do.
type Order struct {
	Do     string // scrub, acknowledge
	Disk   string // ID of the disk
	Code   string // of the reason
	Signal string // of the reason
}

// Handler serves /status to people, who may give orders there, and
// /status.json to programs.
func Handler(status func() Status, order func(Order) error, show Show) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == "/status" {
			obey(w, r, order)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			answer(w, http.StatusMethodNotAllowed, map[string]string{"error": "method", "reason": "The status can only be read."})
			return
		}
		if r.URL.Path != "/status.json" {
			show(w, r, http.StatusOK, "Status", page(view{status(), time.Now()}))
			return
		}
		answer(w, http.StatusOK, status())
	})
}

// mostForm is how large an order may be.
const mostForm = 4 << 10

func obey(w http.ResponseWriter, r *http.Request, order func(Order) error) {
	r.Body = http.MaxBytesReader(w, r.Body, mostForm)
	if err := r.ParseForm(); err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": "form", "reason": "The order could not be read."})
		return
	}
	f := r.PostForm
	if err := order(Order{f.Get("do"), f.Get("disk"), f.Get("code"), f.Get("signal")}); err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": "order", "reason": err.Error()})
		return
	}
	http.Redirect(w, r, "/status", http.StatusSeeOther)
}

func answer(w http.ResponseWriter, code int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	_ = enc.Encode(value) // the reader has gone
}

// view is what the page shows: the status and when it was taken.
type view struct {
	Status
	Now time.Time
}

// sentence says the most important thing first.
func (v view) sentence() string {
	alive := 0
	for _, p := range v.Peers {
		if p.Alive {
			alive++
		}
	}
	switch {
	case len(v.Peers) == 0:
		return "This box is alone: there is only one copy of this wiki. Pair it with a second box."
	case v.Limp != nil && v.Limp.Uncopied > 0:
		return fmt.Sprintf("Keep this box on: %s only here so far.", edits(v.Limp.Uncopied))
	case alive == 0:
		return "No other box answers. Reading and editing go on; new edits stay here until one returns."
	case alive < len(v.Peers):
		return fmt.Sprintf("Everything is on at least two boxes. %d of %d other boxes answer.", alive, len(v.Peers))
	}
	return fmt.Sprintf("All is well: %d boxes, each with the whole wiki.", alive+1)
}

func edits(n int) string {
	if n == 1 {
		return "one edit is"
	}
	return fmt.Sprintf("%d edits are", n)
}

// part says what this box does for the shared address.
func (v view) part() string {
	switch v.Role {
	case Master:
		return "answers the shared address"
	case Backup:
		return "ready to take the shared address"
	}
	return "answers its own address"
}

func presence(p Peer, now time.Time) string {
	switch {
	case p.LastHeard == nil:
		return "not heard since this box started"
	case p.Alive:
		return fmt.Sprintf("answers in %.1f ms", p.RoundTripMS)
	}
	return "silent since " + p.LastHeard.UTC().Format("15:04:05 UTC")
}

// copy compares a peer's copy with this one.
func (v view) copy(p Peer) string {
	switch {
	case p.LastHeard == nil:
		return "not known"
	case p.SetDigest == v.SetDigest:
		return "the same"
	case p.Lag > 0:
		return fmt.Sprintf("%d behind", p.Lag)
	case p.Alive:
		return "being compared"
	}
	return "was different when last heard"
}
