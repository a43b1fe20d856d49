package household

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/argss/argss/wiki"
)

// roundTripper makes a function a transport, so that tests run on synthetic time.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func reply(status int, body any) (*http.Response, error) {
	rec := httptest.NewRecorder()
	rec.WriteHeader(status)
	_ = json.NewEncoder(rec).Encode(body)
	return rec.Result(), nil
}

var errDown = errors.New("connection refused")

func dice(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

func TestVisitorRepeatsASaveUnderOneKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keys := map[string]string{} // key → text
		exists := false
		asked := 0
		v := newVisitor("http://wiki.test", roundTripper(func(r *http.Request) (*http.Response, error) {
			text, _ := io.ReadAll(r.Body)
			key := r.Header.Get("Idempotency-Key")
			switch asked++; {
			case asked < 3:
				return nil, errDown
			case asked == 3:
				return reply(503, nil)
			case !exists && r.Header.Get("If-None-Match") != "*":
				return reply(412, nil)
			case asked == 5:
				exists, keys[key] = true, string(text)
				return nil, errDown // stored, but the answer is lost
			}
			if keys[key] != "" && keys[key] != string(text) {
				return reply(422, nil)
			}
			keys[key] = string(text)
			return reply(200, map[string]any{"revision": id(9)})
		}), newLedger(start), dice(7))
		got, err := v.save(t.Context())
		if err != nil || got != id(9) || len(keys) != 1 {
			t.Errorf("saved %v, %v with %d keys after %d requests", got.Short(), err, len(keys), asked)
		}
	})
}

func TestVisitorCountsNoRefusedSave(t *testing.T) {
	v := newVisitor("http://wiki.test", roundTripper(func(*http.Request) (*http.Response, error) {
		return reply(413, nil)
	}), newLedger(start), dice(7))
	if _, err := v.save(t.Context()); err == nil || errors.Is(err, errUnanswered) {
		t.Errorf("a refusal was %v", err)
	}
}

func TestVisitorMeasuresTheGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger(time.Now())
		began := time.Now()
		v := newVisitor("http://wiki.test", roundTripper(func(*http.Request) (*http.Response, error) {
			if down := time.Since(began); down > time.Second && down < 1400*time.Millisecond {
				return nil, errDown
			}
			return reply(200, nil)
		}), l, dice(7))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		v.readOn(ctx)
		if got := l.figures(time.Now()).WorstGapMS; got < 400 || got > 455 {
			t.Errorf("the reads stood still for 400 ms; measured %d ms", got)
		}
	})
}

// fakeBoxes answers for three boxes which hold some revisions.
type fakeBoxes map[string]map[wiki.ID]bool // host → held

func (f fakeBoxes) RoundTrip(r *http.Request) (*http.Response, error) {
	held, up := f[r.URL.Host]
	if !up {
		return nil, errDown
	}
	if r.URL.Path == "/status.json" {
		var tree wiki.DigestTree
		ids := []wiki.ID{}
		for i := range held {
			ids = append(ids, i)
			tree.Touch(i)
		}
		ids = wiki.SortIDs(ids)
		digest := tree.Root(func(prefix [2]byte) []wiki.ID {
			var some []wiki.ID
			for _, i := range ids {
				if i[0] == prefix[0] && i[1] == prefix[1] {
					some = append(some, i)
				}
			}
			return some
		})
		return reply(200, map[string]any{"box": r.URL.Host, "role": "backup", "set_digest": digest})
	}
	var question map[string][]string
	if err := json.NewDecoder(r.Body).Decode(&question); err != nil || r.URL.Path != "/db/public/_revs_diff" {
		return reply(400, nil)
	}
	answer := map[string]any{}
	for doc, revs := range question {
		i, err := wiki.ParseDocID(doc)
		if err != nil || len(revs) != 1 || revs[0] != wiki.Rev(i) {
			return reply(400, nil)
		}
		if !held[i] {
			answer[doc] = map[string]any{"missing": revs}
		}
	}
	return reply(200, answer)
}

func TestAuditFindsWhatIsOnNoBox(t *testing.T) {
	held := func() map[wiki.ID]bool { return without(id(1), id(2)) }
	boxes := fakeBoxes{"a": held(), "b": held(), "c": held()}
	l := newLedger(start)
	a := auditor{func() []Box { return []Box{{URL: "http://a"}, {URL: "http://b"}, {URL: "http://c"}} }, newAsker(boxes), l}
	check := func(when string, lost, waiting, open int) {
		t.Helper()
		a.audit(t.Context())
		f := l.figures(start)
		if f.Lost != lost || f.Waiting != waiting || len(l.inquire().ids) != open {
			t.Errorf("%s: %d lost, %d waiting, %d open; want %d, %d, %d", when, f.Lost, f.Waiting, len(l.inquire().ids), lost, waiting, open)
		}
	}
	for n := range byte(3) {
		l.saved(id(n + 1))
	}
	check("one save is nowhere and all agree", 1, 0, 1)
	boxes["b"][id(3)] = true
	check("one box has it", 0, 0, 1)
	delete(boxes, "b")
	check("that box is away", 0, 1, 1)
	boxes["b"] = without(id(1), id(2), id(3))
	boxes["a"][id(3)], boxes["c"][id(3)] = true, true
	check("it came back and all copied it", 0, 0, 0)
}

func TestAskerAsksForManyRevisionsInParts(t *testing.T) {
	boxes := fakeBoxes{"a": without(id(0))}
	requests := 0
	a := newAsker(roundTripper(func(r *http.Request) (*http.Response, error) {
		requests++
		return boxes.RoundTrip(r)
	}))
	var ids []wiki.ID
	for n := range diffLimit + 5 {
		ids = append(ids, wiki.ID{0: byte(n), 1: byte(n >> 8)})
	}
	missing, err := a.missing(t.Context(), "http://a", ids)
	if err != nil || len(missing) != len(ids)-1 || missing[id(0)] || requests != 2 {
		t.Errorf("%d of %d missing after %d requests, %v", len(missing), len(ids), requests, err)
	}
}

func TestScreenKeepsOneLineBelowTheOthers(t *testing.T) {
	var out strings.Builder
	s := &screen{out: &out, columns: func() int { return 10 }}
	s.show("0 unplugs so far")
	s.linef("box %s", "a")
	s.show("1 unplug")
	s.show("1 unplug")
	s.show("")
	want := "0 unplugs" + eraseLine + "box a\n0 unplugs" + eraseLine + "1 unplug" + eraseLine
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestScreenWithoutATerminalPrintsLinesOnly(t *testing.T) {
	var out strings.Builder
	s := &screen{out: &out, columns: func() int { return 0 }}
	s.show("0 unplugs so far")
	s.linef("box a")
	s.show("")
	if out.String() != "box a\n" {
		t.Errorf("got %q", out.String())
	}
}

func TestMonkeyMostlyReplacesWhatIsOut(t *testing.T) {
	m := &monkey{random: rand.New(rand.NewPCG(1, 2))}
	three := []Box{{Name: "a", PID: 1}, {Name: "b"}, {Name: "c", PID: 3}}
	picked := map[string]int{}
	for range 3000 {
		picked[m.pick(three).Name]++
	}
	if picked["b"] < 1800 || picked["b"] > 2200 || picked["a"] == 0 || picked["c"] == 0 {
		t.Errorf("picked %v; the unplugged b should come two times of three", picked)
	}
	for range 100 {
		if b := m.pick([]Box{{Name: "a"}, {Name: "b"}}); b.PID != 0 {
			t.Fatalf("picked %v though all are out", b)
		}
	}
}
