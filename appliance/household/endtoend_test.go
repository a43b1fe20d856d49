package household

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/argss/argss/appliance/dashboard"
	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/transfer"
)

// builder builds the real programs, once for all tests.
var builder struct {
	once sync.Once
	dir  string
	err  error
}

// program returns the path of a program of this project, freshly built.
func program(t *testing.T, name string) string {
	t.Helper()
	builder.once.Do(func() {
		if builder.dir, builder.err = os.MkdirTemp("", "argss"); builder.err != nil {
			return
		}
		out, err := exec.Command("go", "build", "-o", builder.dir, "../boxd", "../run").CombinedOutput()
		if err != nil {
			builder.err = fmt.Errorf("build the programs: %w: %s", err, out)
		}
	})
	if builder.err != nil {
		t.Fatal(builder.err)
	}
	return filepath.Join(builder.dir, name)
}

// patienceFor is how long a test waits for what should take a moment. It only
// bounds a failure.
const patienceFor = time.Minute

func startBoxes(t *testing.T) *Household {
	t.Helper()
	data := t.TempDir()
	h, err := Start(t.Context(), Config{Boxd: program(t, "boxd"), Data: data, Network: Network{127, 80}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.Stop()
		if t.Failed() {
			for _, b := range h.Boxes() {
				log, _ := os.ReadFile(filepath.Join(data, b.Name, "log"))
				t.Logf("log of %s:\n%s", b.Name, log)
			}
		}
	})
	return h
}

// until asks again and again whether something holds, and fails with what it
// said last.
func until(t *testing.T, holds func() (bool, string)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patienceFor)
	defer cancel()
	for {
		ok, said := holds()
		if ok {
			return
		}
		if !wait(ctx, readyPause) {
			t.Fatal(said)
		}
	}
}

// agreed waits until all three boxes report one digest over at least so many
// revisions, and returns it with their number.
func agreed(t *testing.T, h *Household, atLeast int) (wiki.Digest, uint64) {
	t.Helper()
	var one Condition
	until(t, func() (bool, string) {
		all := h.Conditions(t.Context())
		same := len(all) == 3
		for _, c := range all {
			one = c
		}
		for _, c := range all {
			same = same && c.SetDigest == one.SetDigest && c.Revisions >= uint64(atLeast)
		}
		return same, fmt.Sprintf("the boxes do not agree on %d revisions: %+v", atLeast, all)
	})
	return one.SetDigest, one.Revisions
}

func importInto(t *testing.T, h *Household, folder fs.FS) transfer.Report {
	t.Helper()
	client := transfer.NewClient(h.URL(), nil)
	defer client.Close()
	r, err := transfer.Import(t.Context(), folder, client, transfer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// get returns the bytes at an address of a box.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

// samples is how many items of a corpus are read back from every box.
const samples = 300

func TestImportedPagesAreByteExactOnEveryBox(t *testing.T) {
	folder := corpusOf(t)
	plan, err := transfer.Walk(folder, "")
	if err != nil {
		t.Fatal(err)
	}
	h := startBoxes(t)
	report := importInto(t, h, folder)
	t.Logf("imported: %v; %.0f/s", report, float64(report.Created)/report.Seconds)
	if report.Created != len(plan.Items) || len(report.Skipped) > 0 {
		t.Fatalf("%d of %d created, skipped %q", report.Created, len(plan.Items), report.Skipped)
	}
	_, revisions := agreed(t, h, len(plan.Items))
	if revisions != uint64(len(plan.Items)) {
		t.Errorf("%d items became %d revisions", len(plan.Items), revisions)
	}
	step := max(1, len(plan.Items)/samples)
	for i, item := range plan.Items {
		name := strings.TrimSuffix(item.Path, ".md")
		odd := !item.File && strings.ContainsFunc(name, func(r rune) bool { return r > 'z' || r < 'A' && r != '-' && r != '/' && (r < '0' || r > '9') })
		if i%step == 0 || item.File || odd && i < 2*samples {
			readBack(t, h, folder, item)
		}
	}
}

func readBack(t *testing.T, h *Household, folder fs.FS, item transfer.Item) {
	t.Helper()
	want, err := fs.ReadFile(folder, item.Path)
	if err != nil {
		t.Fatal(err)
	}
	area := "/raw/"
	if item.File {
		area = "/files/"
	}
	for _, b := range h.Boxes() {
		status, got := get(t, b.URL+area+wiki.EscapeName(item.Name))
		if status != http.StatusOK || got != string(want) {
			t.Errorf("%s on %s: status %d, %d bytes, want %d", item.Name, b.Name, status, len(got), len(want))
		}
		status, page := get(t, b.URL+"/wiki/"+wiki.EscapeName(item.Name))
		if status != http.StatusOK || !strings.Contains(page, "</html>") {
			t.Errorf("the page %s on %s: status %d", item.Name, b.Name, status)
		}
	}
}

// holder returns the box that holds the shared address.
func holder(t *testing.T, h *Household) Box {
	t.Helper()
	var found Box
	until(t, func() (bool, string) {
		all := h.Conditions(t.Context())
		masters := 0
		for _, b := range h.Boxes() {
			if all[b.Name].Role == dashboard.Master {
				found = b
				masters++
			}
		}
		return masters == 1, fmt.Sprintf("not one box holds the shared address: %+v", all)
	})
	return found
}

// writer saves in a loop and keeps what was acknowledged.
type writer struct {
	mu    sync.Mutex
	acked []wiki.ID
	news  chan struct{}
}

func (w *writer) saveOn(ctx context.Context, t *testing.T, v *visitor) {
	for ctx.Err() == nil {
		saved, err := v.save(ctx)
		if err != nil {
			if ctx.Err() == nil {
				t.Errorf("a save was refused: %v", err)
			}
			return
		}
		w.mu.Lock()
		w.acked = append(w.acked, saved)
		w.mu.Unlock()
		select {
		case w.news <- struct{}{}:
		default:
		}
	}
}

func (w *writer) all() []wiki.ID {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]wiki.ID(nil), w.acked...)
}

// more waits until so many more saves are acknowledged.
func (w *writer) more(t *testing.T, n int) {
	t.Helper()
	late := time.After(patienceFor)
	for target := len(w.all()) + n; len(w.all()) < target; {
		select {
		case <-w.news:
		case <-late:
			t.Fatalf("only %d saves were answered, want %d", len(w.all()), target)
		}
	}
}

func TestHolderOfTheSharedAddressDies(t *testing.T) {
	h := startBoxes(t)
	ctx, enough := context.WithCancel(t.Context())
	reads := newLedger(time.Now())
	w := &writer{news: make(chan struct{}, 1)}
	var loops sync.WaitGroup
	defer loops.Wait()
	defer enough()
	for i := range 4 {
		v := newVisitor(h.URL(), &http.Transport{}, reads, dice(byte(i)))
		v.url = fmt.Sprintf("%s/raw/Loop/%d", h.URL(), i)
		loops.Go(func() { w.saveOn(ctx, t, v) })
		if i == 0 {
			loops.Go(func() { v.readOn(ctx) })
		}
	}
	w.more(t, 100)
	dead := holder(t, h)
	if _, err := h.Kill(dead.Name); err != nil {
		t.Fatal(err)
	}
	w.more(t, 100)
	enough()
	loops.Wait()
	t.Logf("killed %s; %d saves answered, longest time without a read %d ms", dead.Name, len(w.all()), reads.figures(time.Now()).WorstGapMS)

	survivors(t, h, dead, w.all())
	if err := h.Revive(t.Context(), dead.Name); err != nil {
		t.Fatal(err)
	}
	agreed(t, h, len(w.all()))
	for _, b := range h.Boxes() {
		missing, err := h.asker.missing(t.Context(), b.URL, w.all())
		if err != nil || len(missing) > 0 {
			t.Errorf("after all are back, %s lacks %d acknowledged saves, %v", b.Name, len(missing), err)
		}
	}
}

// survivors checks that every acknowledged save is on a survivor now, and on
// both soon.
func survivors(t *testing.T, h *Household, dead Box, acked []wiki.ID) {
	t.Helper()
	missingOn := func() (all []map[wiki.ID]bool) {
		for _, b := range h.Boxes() {
			if b.Name == dead.Name {
				continue
			}
			missing, err := h.asker.missing(t.Context(), b.URL, acked)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, missing)
		}
		return all
	}
	now := missingOn()
	for id := range now[0] {
		if now[1][id] {
			t.Errorf("the acknowledged save %s died with %s", id.Short(), dead.Name)
		}
	}
	until(t, func() (bool, string) {
		all := missingOn()
		return len(all[0])+len(all[1]) == 0, fmt.Sprintf("the survivors still lack %d and %d saves", len(all[0]), len(all[1]))
	})
}

func TestSecondImportAddsOnlyWhatChanged(t *testing.T) {
	h := startBoxes(t)
	folder := generated(60)
	importInto(t, h, folder)
	before, revisions := agreed(t, h, len(folder))

	r := importInto(t, h, folder)
	after, _ := agreed(t, h, len(folder))
	if r.Unchanged != len(folder) || after != before {
		t.Errorf("the second import of the same folder: %v; digest changed: %v", r, after != before)
	}

	folder["crlf.md"] = file("one\r\ntwo\r\nthree\r\n")
	r = importInto(t, h, folder)
	_, now := agreed(t, h, int(revisions)+1)
	if r.Updated != 1 || r.Unchanged != len(folder)-1 || now != revisions+1 {
		t.Errorf("one changed file: %v; %d revisions became %d", r, revisions, now)
	}

	edit(t, h, "caf\u00e9", "edited in the wiki\n")
	folder["no end.markdown"] = file("changed in the folder")
	r = importInto(t, h, folder)
	_, now = agreed(t, h, int(revisions)+3)
	if r.Updated != 1 || len(r.Kept) != 1 || now != revisions+3 {
		t.Errorf("one page edited, another file changed: %v, kept %q; %d revisions", r, r.Kept, now)
	}
	for name, want := range map[string]string{
		"caf\u00e9": "edited in the wiki\n", "no end": "changed in the folder", "crlf": "one\r\ntwo\r\nthree\r\n",
	} {
		if _, got := get(t, h.Boxes()[2].URL+"/raw/"+wiki.EscapeName(name)); got != want {
			t.Errorf("%s says %q, want %q", name, got, want)
		}
	}
}

// edit saves a page as a person would who saw what is there.
func edit(t *testing.T, h *Household, name, text string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, h.URL()+"/raw/"+wiki.EscapeName(name), strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("If-Match", "*")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if diff := cmp.Diff(http.StatusOK, resp.StatusCode); diff != "" {
		t.Fatal(diff)
	}
}

func TestImportGoesOnWhileTheHolderDies(t *testing.T) {
	h := startBoxes(t)
	folder := fstest.MapFS{}
	for i := range 600 {
		folder[fmt.Sprintf("p%d.md", i)] = file(fmt.Sprintf("page %d\n", i))
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	var sent atomic.Int32
	client := transfer.NewClient(h.URL(), roundTripper(func(r *http.Request) (*http.Response, error) {
		if sent.Add(1) == 500 {
			if _, err := h.Kill(holder(t, h).Name); err != nil {
				t.Error(err)
			}
		}
		return transport.RoundTrip(r)
	}))
	defer client.Close()
	r, err := transfer.Import(t.Context(), folder, client, transfer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Created+r.Unchanged != len(folder) || len(r.Skipped)+len(r.Kept) > 0 {
		t.Errorf("%v, skipped %q, kept %q", r, r.Skipped, r.Kept)
	}
	for _, b := range h.Boxes() {
		if err := h.Revive(t.Context(), b.Name); err != nil {
			t.Fatal(err)
		}
	}
	agreed(t, h, len(folder))
	if again := importInto(t, h, folder); again.Unchanged != len(folder) {
		t.Errorf("after all that, an import of the same folder finds: %v", again)
	}
}
