package couch

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/argss/argss/wiki"
)

// failure is an answer that is no success: CouchDB's word and one sentence.
type failure struct {
	status int
	word   string
	reason string
}

func (f *failure) Error() string { return f.word + ": " + f.reason }

func refuse(status int, word, format string, args ...any) error {
	return &failure{status: status, word: word, reason: fmt.Sprintf(format, args...)}
}

func badRequest(format string, args ...any) error {
	return refuse(http.StatusBadRequest, "bad_request", format, args...)
}

func tooLarge(format string, args ...any) error {
	return refuse(http.StatusRequestEntityTooLarge, "too_large", format, args...)
}

var (
	errNoDatabase = &failure{http.StatusNotFound, "not_found", "Database does not exist."}
	errMissing    = &failure{http.StatusNotFound, "not_found", "missing"}
)

// asFailure finds the answer to an error of a store.
func asFailure(err error) *failure {
	var f *failure
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, wiki.ErrNotFound):
		return errMissing
	case errors.Is(err, wiki.ErrFull):
		return &failure{http.StatusInsufficientStorage, "insufficient_storage", "This box's disk is full: it can be read, but nothing was stored."}
	case errors.Is(err, wiki.ErrQuota):
		return &failure{http.StatusInsufficientStorage, "insufficient_storage", "This space has used up the room it was given; nothing was stored."}
	case errors.Is(err, wiki.ErrReadOnly):
		return &failure{http.StatusInsufficientStorage, "insufficient_storage", "This box's disk takes no more writes; nothing was stored."}
	case errors.Is(err, wiki.ErrDamaged):
		return &failure{http.StatusServiceUnavailable, "damaged", "This box's copy is damaged and waits for a good one from another box."}
	}
	return &failure{http.StatusServiceUnavailable, "unavailable", "This box cannot answer now; try again shortly."}
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, err = w.Write(append(data, '\n'))
	if err != nil {
		return errGone
	}
	return nil
}

// errGone says that the caller left while being answered: nothing to do.
var errGone = errors.New("the caller is gone")
