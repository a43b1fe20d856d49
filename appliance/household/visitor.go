package household

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/argss/argss/wiki"
)

// LedgerPage is the page the visitor reads and saves.
const LedgerPage = "System/Ledger"

// visitor behaves like a busy user of the shared address: it reads, it saves,
// and it tries again, with the same token, what was not answered.
type visitor struct {
	url    string // of the page's text
	http   *http.Client
	ledger *ledger
	random io.Reader
}

// The visitor's rhythm. A read that fails is repeated at once, so that the gap
// is measured and not the rhythm.
const (
	readEvery  = 50 * time.Millisecond
	readAgain  = 5 * time.Millisecond
	readTime   = 2 * time.Second
	saveTime   = 10 * time.Second
	firstAgain = 20 * time.Millisecond
	lastAgain  = 500 * time.Millisecond
)

func newVisitor(wikiURL string, transport http.RoundTripper, l *ledger, random io.Reader) *visitor {
	return &visitor{wikiURL + "/raw/" + wiki.EscapeName(LedgerPage), &http.Client{Transport: transport}, l, random}
}

// readOn reads until ctx ends.
func (v *visitor) readOn(ctx context.Context) {
	for ctx.Err() == nil {
		pause := readAgain
		if v.read(ctx) {
			v.ledger.read(time.Now())
			pause = readEvery
		}
		wait(ctx, pause)
	}
}

// read tells whether a box answered. That there is no such page (yet) is an
// answer, too.
func (v *visitor) read(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	status, _, err := v.send(ctx, http.MethodGet, "", nil)
	return err == nil && (status == http.StatusOK || status == http.StatusNotFound)
}

// saveOn saves until ctx ends.
func (v *visitor) saveOn(ctx context.Context) {
	for ctx.Err() == nil {
		if id, err := v.save(ctx); err == nil {
			v.ledger.saved(id)
		}
		wait(ctx, v.ledger.pace(time.Now()))
	}
}

// save repeats one save until it is answered or ctx ends. The error may also
// be a refusal: then it was not saved.
func (v *visitor) save(ctx context.Context) (wiki.ID, error) {
	key := make([]byte, 16)
	if _, err := io.ReadFull(v.random, key); err != nil {
		return wiki.ID{}, fmt.Errorf("draw a token: %w", err)
	}
	header := http.Header{
		"Content-Type":    {"text/markdown"},
		"Idempotency-Key": {hex.EncodeToString(key)},
		"Wiki-Author":     {"ledger"},
		"If-Match":        {"*"},
	}
	text := v.text(hex.EncodeToString(key))
	for pause := firstAgain; ; pause = min(2*pause, lastAgain) {
		id, err := v.saveOnce(ctx, text, header)
		if err == nil || !errors.Is(err, errUnanswered) {
			return id, err
		}
		if !wait(ctx, pause) {
			return wiki.ID{}, ctx.Err()
		}
	}
}

// errUnanswered says that nobody knows what became of a request, or that the
// box asked for another try.
var errUnanswered = errors.New("no answer")

func (v *visitor) saveOnce(ctx context.Context, text string, header http.Header) (wiki.ID, error) {
	ctx, cancel := context.WithTimeout(ctx, saveTime)
	defer cancel()
	status, body, err := v.send(ctx, http.MethodPut, text, header)
	if err != nil {
		return wiki.ID{}, fmt.Errorf("%w: %w", errUnanswered, err)
	}
	if status == http.StatusPreconditionFailed && header.Get("If-Match") != "" {
		header.Del("If-Match") // the page is not there yet, or no longer
		header.Set("If-None-Match", "*")
		status, body, err = v.send(ctx, http.MethodPut, text, header)
	}
	switch {
	case err != nil:
		return wiki.ID{}, fmt.Errorf("%w: %w", errUnanswered, err)
	case status >= 500:
		return wiki.ID{}, fmt.Errorf("%w but status %d", errUnanswered, status)
	case status != http.StatusOK && status != http.StatusCreated:
		return wiki.ID{}, fmt.Errorf("save %s: the wiki answered %d", LedgerPage, status)
	}
	var receipt struct {
		Revision wiki.ID `json:"revision"`
	}
	if err := json.Unmarshal(body, &receipt); err != nil {
		return wiki.ID{}, fmt.Errorf("save %s: read the receipt: %w", LedgerPage, err)
	}
	if receipt.Revision.IsZero() {
		return wiki.ID{}, fmt.Errorf("save %s: the receipt names no revision", LedgerPage)
	}
	return receipt.Revision, nil
}

// text is what the page says. The token makes each save another one.
func (v *visitor) text(token string) string {
	f := v.ledger.figures(time.Now())
	return "# Ledger\n\nWritten by the program that runs these boxes, as a visitor would write.\n" +
		"[[Manual/Plugs#The ledger|What the figures mean]]\n\n- " + strings.Join(f.Lines(), "\n- ") +
		"\n\nThis save: " + token + "\n"
}

func (v *visitor) send(ctx context.Context, method, text string, header http.Header) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, v.url, strings.NewReader(text))
	if err != nil {
		return 0, nil, err
	}
	if header != nil {
		req.Header = header.Clone()
	}
	resp, err := v.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, body, err
}

// wait pauses and tells whether ctx goes on.
func wait(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return true
	}
}
