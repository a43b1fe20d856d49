package couch_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
	"github.com/argss/argss/wiki/wikitest"
)

type row struct {
	Seq     string
	ID      string
	Changes []struct{ Rev string }
	Doc     json.RawMessage
}

type changes struct {
	Results []row
	Last    string `json:"last_seq"`
	Pending int
}

func (c changes) pages(t *testing.T, b *box) (pages string) {
	t.Helper()
	for _, r := range c.Results {
		id, err := wiki.ParseDocID(r.ID)
		if err != nil || len(r.Changes) != 1 || r.Changes[0].Rev != wiki.Rev(id) {
			t.Fatalf("row %+v, %v", r, err)
		}
		e, err := b.store.Entry(id)
		if err != nil {
			t.Fatal(err)
		}
		pages += e.Header.Page
	}
	return pages
}

// filled returns a box with the pages a, b, c, d, e, in that order.
func filled(t *testing.T) (*box, []wiki.Revision) {
	b := newBox(couch.Limits{})
	var all []wiki.Revision
	for _, page := range []string{"a", "b", "c", "d", "e"} {
		all = append(all, edit(t, page, "text"))
	}
	b.add(t, all...)
	return b, all
}

func TestFeedTellsWhatIsAsked(t *testing.T) {
	b, all := filled(t)
	at := func(n int) string { return couch.MarkOf(b.store.Identity(), b.store.Since(0, 9)[n-1]).String() }
	ids := fmt.Sprintf(`["%s","%s","other"]`, wiki.DocID(all[3].ID), wiki.DocID(all[1].ID))
	for _, c := range []struct {
		method, query, body, pages string
		last, pending              int
	}{
		{"GET", "", "", "abcde", 5, 0},
		{"GET", "limit=2", "", "ab", 2, 3},
		{"GET", "limit=0", "", "a", 1, 4},
		{"GET", "since=" + at(3), "", "de", 5, 0},
		{"GET", "since=" + at(5), "", "", 5, 0},
		{"GET", "since=now", "", "", 5, 0},
		{"GET", "since=0", "", "abcde", 5, 0},
		{"GET", "descending=true&limit=2", "", "ed", 4, 0},
		{"GET", "descending=true", "", "edcba", 1, 0},
		{"GET", "filter=_doc_ids&doc_ids=" + ids, "", "bd", 5, 0},
		{"GET", "limit=1&filter=_doc_ids&doc_ids=" + ids, "", "b", 2, 3},
		{"GET", "filter=_doc_ids", "", "", 5, 0},
		{"GET", "style=all_docs&feed=normal&heartbeat=true&seq_interval=100", "", "abcde", 5, 0},
		{"GET", "feed=longpoll&since=" + at(4), "", "e", 5, 0},
		{"POST", "filter=_doc_ids", `{"doc_ids":` + ids + `}`, "bd", 5, 0},
		{"POST", "limit=3", `{}`, "abc", 3, 2},
	} {
		w := b.ask(c.method, "/db/public/_changes?"+c.query, c.body)
		got := decode[changes](t, w)
		if pages := got.pages(t, b); pages != c.pages || got.Last != at(c.last) || got.Pending != c.pending {
			t.Errorf("%s: told %q up to %s, %d pending; want %q up to %s, %d",
				c.query, pages, got.Last, got.Pending, c.pages, at(c.last), c.pending)
		}
	}
}

func TestFeedCarriesDocuments(t *testing.T) {
	b, all := filled(t)
	got := decode[changes](t, b.ask("GET", "/db/public/_changes?include_docs=true", ""))
	for i, r := range got.Results {
		if held, err := wiki.Parse(r.Doc); err != nil || !held.Equal(all[i]) {
			t.Errorf("document %d: %v", i, err)
		}
	}
}

func TestAPlaceThatIsNoneStartsFromZero(t *testing.T) {
	b, _ := filled(t)
	entries := b.store.Since(0, 9)
	mark := couch.MarkOf(b.store.Identity(), entries[3])
	for since, told := range map[string]int{
		mark.String(): 1,
		couch.MarkOf("another-store", entries[3]).String():          5,
		couch.Mark{Seq: 3, Store: mark.Store, At: mark.At}.String(): 5,
		couch.Mark{Seq: 9, Store: mark.Store, At: mark.At}.String(): 5,
		fmt.Sprintf("%d-%s", mark.Seq, mark.Store):                  5,
		"4": 5, "": 5, "x": 5, "-": 5, "99999999999999999999-a-0123456789abcdef": 5, "4--": 5,
	} {
		w := b.ask("GET", "/db/public/_changes?since="+since, "")
		if got := decode[changes](t, w); len(got.Results) != told {
			t.Errorf("since %q: %d told, want %d", since, len(got.Results), told)
		}
	}
}

func TestMarkSurvivesTheWire(t *testing.T) {
	b, _ := filled(t)
	for _, m := range []couch.Mark{{Store: "a-b"}, couch.LatestMark(b.store), couch.LatestMark(wikitest.NewMemory("x"))} {
		if got, ok := couch.ParseMark(m.String()); !ok || got != m {
			t.Errorf("%v came back as %v", m, got)
		}
	}
	if got := couch.LatestMark(b.store).Stand(wikitest.NewMemory(b.store.Identity())); got != couch.Broken {
		t.Errorf("a mark beyond the end stands %v", got)
	}
}

func TestLongpollWakesAtOnceAndEndsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, _ := filled(t)
		start := time.Now()
		go func() {
			time.Sleep(3 * time.Second)
			b.add(t, edit(t, "f", "text"))
		}()
		got := decode[changes](t, b.ask("GET", "/db/public/_changes?feed=longpoll&since=now&timeout=10000", ""))
		if pages := got.pages(t, b); pages != "f" || time.Since(start) != 3*time.Second {
			t.Errorf("told %q after %v", pages, time.Since(start))
		}
		start = time.Now()
		w := b.ask("GET", "/db/public/_changes?feed=longpoll&since=now&timeout=10000", "")
		if got := decode[changes](t, w); len(got.Results) != 0 || time.Since(start) != 10*time.Second {
			t.Errorf("told %v after %v", got, time.Since(start))
		}
	})
}

func TestLongpollOfOthersChangesGoesOnWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, _ := filled(t)
		mine := edit(t, "mine", "text")
		go func() {
			time.Sleep(time.Second)
			b.add(t, edit(t, "others", "text"))
			time.Sleep(time.Second)
			b.add(t, mine)
		}()
		start := time.Now()
		w := b.ask("POST", "/db/public/_changes?feed=longpoll&since=now", `{"doc_ids":["`+wiki.DocID(mine.ID)+`"]}`)
		if got := decode[changes](t, w); got.pages(t, b) != "mine" || time.Since(start) != 2*time.Second {
			t.Errorf("told %+v after %v", got, time.Since(start))
		}
	})
}

func TestHeartbeatsKeepTheLineWarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, _ := filled(t)
		go func() {
			time.Sleep(3500 * time.Millisecond)
			b.add(t, edit(t, "f", "text"))
		}()
		w := b.ask("GET", "/db/public/_changes?feed=longpoll&since=now&heartbeat=1000&timeout=1", "")
		if beats := strings.Count(w.Body.String(), "\n\n"); beats != 2 || !strings.Contains(w.Body.String(), `"id":"rev:`) {
			t.Errorf("%d double newlines in %q", beats, w.Body)
		}
	})
}

func TestContinuousFeedGoesOnLineByLine(t *testing.T) {
	b, all := filled(t)
	server := httptest.NewServer(b)
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", server.URL+"/db/public/_changes?feed=continuous&heartbeat=100", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	all = append(all, edit(t, "f", "text"))
	var told []wiki.ID
	lines := bufio.NewScanner(answer.Body)
	for len(told) < len(all) && lines.Scan() {
		var row row
		if lines.Text() == "" {
			continue
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatalf("line %q: %v", lines.Text(), err)
		}
		id, err := wiki.ParseDocID(row.ID)
		if err != nil {
			t.Fatal(err)
		}
		if told = append(told, id); len(told) == len(all)-1 {
			b.add(t, all[len(all)-1])
		}
	}
	if !slices.Equal(told, idsOf(all)) {
		t.Errorf("told %d of %d, %v", len(told), len(all), lines.Err())
	}
}

func TestWaitingOutsidersAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(couch.Limits{Feeds: 1})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			r := httptest.NewRequestWithContext(ctx, "GET", "/db/public/_changes?feed=longpoll&heartbeat=1000", nil)
			b.ServeHTTP(httptest.NewRecorder(), r)
		}()
		synctest.Wait()
		if w := b.ask("GET", "/db/public/_changes?feed=longpoll", ""); w.Code != http.StatusServiceUnavailable {
			t.Errorf("the second reader is answered %d", w.Code)
		}
		if w := b.ask("GET", "/db/public/_changes?feed=longpoll&timeout=5", "", paired); w.Code != 200 {
			t.Errorf("a paired box is answered %d", w.Code)
		}
		cancel()
		<-done
		if w := b.ask("GET", "/db/public/_changes?feed=longpoll&timeout=5", ""); w.Code != 200 {
			t.Errorf("after the first left: %d", w.Code)
		}
	})
}
