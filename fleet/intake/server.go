package intake

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/argss/argss/fleet/slot"
)

// Box is what a server installs into.
type Box interface {
	// State is what runs, and what became of newer versions.
	State() (State, error)
	// Install puts a release beside the running version.
	Install(slot.Release) (serial uint64, err error)
	// Restart has the box start again soon.
	Restart()
}

// State of a box's slots.
type State struct {
	Slot    slot.Name `json:"slot"`
	Serial  uint64    `json:"serial"`
	Version string    `json:"version"`
	Trial   bool      `json:"trial"`  // not yet found healthy
	Failed  uint64    `json:"failed"` // a newer version that was tried in vain
	Nonce   string    `json:"nonce"`
}

// Server answers for a box.
type Server struct {
	box    Box
	secret string
	random func() string
	now    func() time.Time
	nonces nonces
	busy   sync.Mutex
	*http.ServeMux
}

// NewServer makes a server. Random returns text that nobody can guess.
func NewServer(box Box, secret string, random func() string, now func() time.Time) *Server {
	s := &Server{box: box, secret: secret, random: random, now: now, ServeMux: http.NewServeMux()}
	s.HandleFunc("GET /version", s.get)
	s.HandleFunc("PUT /version", s.put)
	return s
}

func (s *Server) get(w http.ResponseWriter, _ *http.Request) {
	state, err := s.box.State()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	state.Nonce = s.random()
	s.nonces.add(state.Nonce, s.now())
	answer(w, http.StatusOK, state)
}

func (s *Server) put(w http.ResponseWriter, r *http.Request) {
	body := bufio.NewReaderSize(http.MaxBytesReader(w, r.Body, maxManifest+1+2*maxPart), maxManifest)
	line, err := body.ReadSlice('\n')
	if err != nil {
		http.Error(w, "no manifest on the first line", http.StatusBadRequest)
		return
	}
	line = bytes.Clone(line[:len(line)-1])
	if !s.nonces.use(r.Header.Get("Authorization"), s.secret, line, s.now()) {
		http.Error(w, "only boxes of this wiki may send a version", http.StatusForbidden)
		return
	}
	m, err := parseManifest(line)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if !s.busy.TryLock() {
		http.Error(w, "another version is being taken", http.StatusConflict)
		return
	}
	defer s.busy.Unlock()
	serial, err := s.box.Install(release(m, body))
	if err != nil {
		code := http.StatusUnprocessableEntity
		if errors.Is(err, slot.ErrOnTrial) {
			code = http.StatusConflict
		}
		http.Error(w, err.Error(), code)
		return
	}
	answer(w, http.StatusAccepted, map[string]uint64{"serial": serial})
	s.box.Restart()
}

// release reads the parts of a body one behind the other, in the order in which
// an install wants them. The manifest has been checked.
func release(m Manifest, body io.Reader) slot.Release {
	root, _ := m.Root.sum()
	kernel, _ := m.Kernel.sum()
	return slot.Release{
		Root: io.LimitReader(body, m.Root.Size), RootSize: m.Root.Size, RootSum: root,
		Kernel: io.LimitReader(body, m.Kernel.Size), KernelSize: m.Kernel.Size, KernelSum: kernel,
		Options: m.Options,
	}
}

func answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // the client is gone
	_ = http.NewResponseController(w).Flush()
}
