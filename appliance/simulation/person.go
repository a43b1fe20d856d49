package simulation

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/argss/argss/wiki"
)

// pages are what people edit in a storm, odd names included.
var pages = []string{"Home", "common/history", "%", "[[", "((", "名前/ページ"}

// person reads and saves pages over HTTP, as a browser's script would: a save
// without an answer is sent again with its token, to the shared address or to
// any box. Every save adds one line nobody else writes, so its fate can be
// followed to the end.
type person struct {
	name  string
	world *World
	rng   *rand.Rand
	http  *http.Client
	book  *book
	tale  *chronicle
	saves int
	files int
}

// book knows every line that people tried to write and every save that was
// acknowledged.
type book struct {
	mu     sync.Mutex
	lines  map[string]string // line → page, of all attempts
	acked  []ack
	files  []file
	erased []erasure
}

// ack is one acknowledged save.
type ack struct {
	Revision wiki.ID
	Page     string
	Line     string
	Copies   []string
	At       time.Time
}

// known checks that every line somebody reads was written there.
func (b *book) known(tale *chronicle, page string, lines []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, line := range lines {
		if b.lines[line] != page {
			tale.problem("a line on %q that nobody wrote there: %.60q", page, line)
		}
	}
}

// run edits until ctx ends.
func (p *person) run(ctx context.Context) {
	for sleep(ctx, 300*time.Millisecond+time.Duration(p.rng.Int64N(int64(4*time.Second)))) == nil {
		switch p.rng.IntN(16) {
		case 0:
			p.upload(ctx)
		case 1:
			p.look(ctx)
		default:
			p.edit(ctx)
		}
	}
}

// target draws where a request goes.
func (p *person) target() string {
	if p.rng.IntN(10) < 6 {
		return Shared
	}
	return p.world.Boxes[p.rng.IntN(len(p.world.Boxes))].Address
}

func (p *person) edit(ctx context.Context) {
	page := pages[p.rng.IntN(len(pages))]
	seen, err := p.read(ctx, p.target(), page)
	if err != nil {
		p.tale.note("%s cannot read %s: %v", p.name, page, brief(err))
		return
	}
	p.book.known(p.tale, page, seen.lines)
	p.saves++
	line := fmt.Sprintf("%s wrote line %d", p.name, p.saves)
	p.book.mu.Lock()
	p.book.lines[line] = page
	p.book.mu.Unlock()
	p.tale.count(func(r *Report) { r.Attempts++ })
	request := p.request(page, line, seen)
	for attempt := range 5 {
		target := p.target()
		has := attempt > 0 && p.world.holdsLine(target, line)
		done, acked := p.send(ctx, target, request, line, has)
		if acked && p.rng.IntN(8) == 0 { // the answer did not reach the browser, which asks another box
			target = p.target()
			p.send(ctx, target, request, line, p.world.holdsLine(target, line))
		}
		if done || ctx.Err() != nil {
			return
		}
		p.tale.count(func(r *Report) { r.Resent++ })
		if sleep(ctx, time.Duration(p.rng.Int64N(int64(3*time.Second)))) != nil {
			return
		}
	}
}

// request is one save, sent the same way every time.
type request struct {
	page    string
	text    string
	headers map[string]string
	seen    []string // heads of the page
	merge   bool
}

func (p *person) request(page, line string, seen view) request {
	lines := seen.lines
	at := 0
	if len(lines) > 0 {
		at = p.rng.IntN(len(lines) + 1)
	}
	lines = slices.Insert(slices.Clone(lines), at, line)
	q := request{page: page, text: strings.Join(lines, "\n") + "\n", seen: seen.heads, headers: map[string]string{
		"Idempotency-Key": line, "Wiki-Author": p.name,
	}}
	if seen.tag == "" {
		q.headers["If-None-Match"] = "*"
	} else {
		q.headers["If-Match"] = seen.tag
	}
	if p.rng.IntN(2) == 0 {
		q.headers["Wiki-Merge"], q.merge = "yes", true
	}
	return q
}

// send tries a save once and tells whether its fate is known, and whether it
// was acknowledged. A box that has it already must not refuse it.
func (p *person) send(ctx context.Context, target string, q request, line string, has bool) (done, acked bool) {
	resp, body, err := p.ask(ctx, "PUT", target, "/raw/"+wiki.EscapeName(q.page), q.text, q.headers)
	switch {
	case err != nil:
		p.tale.note("%s got no answer for %q from %s: %v", p.name, line, target, brief(err))
		return false, false
	case resp.StatusCode >= 500:
		p.tale.note("%s got %d for %q from %s", p.name, resp.StatusCode, line, target)
		return false, false
	case resp.StatusCode >= 400:
		p.tale.note("%s was refused %q: %d", p.name, line, resp.StatusCode)
		p.tale.count(func(r *Report) { r.Refused++ })
		if has || resp.StatusCode == http.StatusUnprocessableEntity {
			p.tale.problem("%q was refused by %s, which has it or takes it for another: %d", line, target, resp.StatusCode)
		}
		return true, false
	}
	p.acknowledge(target, q, line, body)
	return true, true
}

func (p *person) acknowledge(target string, q request, line string, body []byte) {
	var answer struct {
		Revision wiki.ID  `json:"revision"`
		Copies   []string `json:"copies"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Revision.IsZero() {
		p.tale.problem("an acknowledgement that says nothing: %s", body)
		return
	}
	p.tale.note("%s saved %q on %s: %s on %v", p.name, line, target, answer.Revision.Short(), answer.Copies)
	p.tale.count(func(r *Report) {
		r.Acked++
		if len(answer.Copies) < 2 {
			r.Alone++
		}
	})
	p.world.witness.acknowledged(answer.Revision, line, answer.Copies)
	p.world.witness.saved(answer.Revision, p.name, line, q, answer.Copies)
	p.book.mu.Lock()
	defer p.book.mu.Unlock()
	p.book.acked = append(p.book.acked, ack{answer.Revision, q.page, line, answer.Copies, time.Now()})
}

// view is a page as a person sees it: in a conflict, the lines of all heads.
type view struct {
	tag   string
	lines []string
	heads []string
	state string
}

func (p *person) read(ctx context.Context, target, page string) (view, error) {
	return readPage(func(path string) (*http.Response, []byte, error) {
		return p.ask(ctx, "GET", target, path, "", nil)
	}, page)
}

// readPage reads a page and, where it is in conflict, each of its versions.
func readPage(get func(path string) (*http.Response, []byte, error), page string) (view, error) {
	path := "/raw/" + wiki.EscapeName(page)
	resp, body, err := get(path)
	switch {
	case err != nil:
		return view{}, err
	case resp.StatusCode == http.StatusNotFound:
		return view{tag: resp.Header.Get("ETag")}, nil
	case resp.StatusCode != http.StatusOK:
		return view{}, fmt.Errorf("%d %.100s", resp.StatusCode, body)
	}
	v := view{
		tag: resp.Header.Get("ETag"), lines: linesOf(body), state: resp.Header.Get("Wiki-State"),
		heads: strings.Split(resp.Header.Get("Wiki-Revision"), ","),
	}
	if v.state != string(wiki.Conflict) {
		return v, nil
	}
	for _, head := range v.heads {
		resp, body, err := get(path + "?revision=" + strings.TrimSpace(head))
		if err != nil {
			return view{}, err
		}
		if resp.StatusCode == http.StatusOK {
			v.lines = join(v.lines, linesOf(body))
		}
	}
	return v, nil
}

func linesOf(text []byte) []string {
	return strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' })
}

// join appends what b has and a lacks.
func join(a, b []string) []string {
	for _, line := range b {
		if !slices.Contains(a, line) {
			a = append(a, line)
		}
	}
	return a
}

func (p *person) ask(ctx context.Context, method, target, path, body string, headers map[string]string) (*http.Response, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+target+path, strings.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	resp, err := p.http.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp, data, err
}

// brief is an error without the addresses, which the trace has already.
func brief(err error) string {
	s := err.Error()
	if i := strings.LastIndex(s, ": "); i >= 0 {
		s = s[i+2:]
	}
	return s
}
