package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/page"
)

// problem is a refusal: a status, a word for programs and one sentence for
// everybody.
type problem struct {
	status int
	word   string
	reason string
	view   *wiki.View // what stands there now, where that is the problem
}

func (p *problem) Error() string { return p.reason }

func refuse(status int, word, format string, args ...any) error {
	return &problem{status: status, word: word, reason: fmt.Sprintf(format, args...)}
}

// plain are the errors whose answer depends on nothing else.
var plainProblems = []struct {
	err error
	problem
}{
	{page.ErrTokenReused, problem{status: http.StatusUnprocessableEntity, word: "token-reused",
		reason: "This Idempotency-Key was used for a save with other content; take a new one."}},
	{page.ErrBaseNeeded, problem{status: http.StatusPreconditionRequired, word: "base-needed",
		reason: "This page exists: say in If-Match which version you have seen, or * to replace any."}},
	{page.ErrNotText, problem{status: http.StatusBadRequest, word: "not-text",
		reason: "The text or its summary is not valid UTF-8, so nothing was saved."}},
	{wiki.ErrFull, problem{status: http.StatusInsufficientStorage, word: "full",
		reason: "This box's disk is full: it can be read, but nothing was saved; save it again on another box, or make room here."}},
	{wiki.ErrQuota, problem{status: http.StatusInsufficientStorage, word: "quota",
		reason: "This wiki has used up the room it was given: it can be read, but nothing was saved; its keeper can give it more."}},
	{wiki.ErrReadOnly, problem{status: http.StatusInsufficientStorage, word: "read-only",
		reason: "The disk of this box takes no more writes; nothing was saved, save it again on another box."}},
	{wiki.ErrDamaged, problem{status: http.StatusServiceUnavailable, word: "damaged",
		reason: "The copy on this disk is damaged and no other box could give a good one yet; try again in a moment."}},
	{wiki.ErrNotFound, problem{status: http.StatusNotFound, word: "not-found",
		reason: "This box holds no such revision of the page."}},
	{wiki.ErrClosed, problem{status: http.StatusServiceUnavailable, word: "stopping",
		reason: "This box is shutting down; another one will answer in a moment."}},
	{context.Canceled, problem{status: http.StatusServiceUnavailable, word: "gave-up",
		reason: "The request ended before it was answered; send it again."}},
	{context.DeadlineExceeded, problem{status: http.StatusServiceUnavailable, word: "timeout",
		reason: "This took too long; send it again."}},
}

// problemOf finds the answer to an error. What no rule foresees is a 500 whose
// details are for the log, not for the reader.
func problemOf(err error) *problem {
	var known *problem
	var stale *page.Stale
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &stale):
		return staleProblem(stale)
	case errors.As(err, &long):
		return &problem{status: http.StatusRequestEntityTooLarge, word: "too-large",
			reason: fmt.Sprintf("This is larger than the %d bytes allowed here; nothing was saved.", long.Limit)}
	case errors.Is(err, page.ErrTooLarge):
		return &problem{status: http.StatusRequestEntityTooLarge, word: "too-large", reason: sentence(err)}
	case errors.Is(err, wiki.ErrName):
		return &problem{status: http.StatusBadRequest, word: "name", reason: sentence(err)}
	case errors.Is(err, wiki.ErrDocument):
		return &problem{status: http.StatusBadRequest, word: "not-a-revision", reason: sentence(err)}
	}
	for i := range plainProblems {
		if errors.Is(err, plainProblems[i].err) {
			return &plainProblems[i].problem
		}
	}
	return &problem{status: http.StatusInternalServerError, word: "internal",
		reason: "Something went wrong in this box; its log says what. Nothing you sent was lost silently: look at the page's history, then try again."}
}

func staleProblem(stale *page.Stale) *problem {
	reason := "The page was changed since the version you saw; read it again, or ask for Wiki-Merge: yes."
	if !stale.View.Exists() {
		reason = "The page does not exist, or no longer, so there is nothing to replace."
	}
	return &problem{status: http.StatusPreconditionFailed, word: "stale", reason: reason, view: &stale.View}
}

// sentence makes an error one sentence.
func sentence(err error) string {
	s := strings.TrimRight(err.Error(), ".") + "."
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}
