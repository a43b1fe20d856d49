package transfer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/argss/argss/wiki"
)

func bring(t *testing.T, f *fakeWiki, folder fstest.MapFS, o Options) Report {
	t.Helper()
	r, err := Import(t.Context(), folder, f.client(), o)
	if err != nil {
		t.Fatal(err)
	}
	r.Seconds = 0
	return r
}

// figures leaves the sentences out of a report.
func figures(r Report) string {
	return fmt.Sprintf("created %d, updated %d, unchanged %d, kept %d, skipped %d",
		r.Created, r.Updated, r.Unchanged, len(r.Kept), len(r.Skipped))
}

func expect(t *testing.T, r Report, want string) {
	t.Helper()
	if got := figures(r); got != want {
		t.Errorf("got %s, want %s\nkept %q\nskipped %q", got, want, r.Kept, r.Skipped)
	}
}

func TestImportBringsPagesAndFilesByteForByte(t *testing.T) {
	f := newFake()
	big := strings.Repeat("0123456789abcdef", 1<<17) // 2 MiB: in pieces
	r := bring(t, f, fstest.MapFS{
		"Home.md": text("hi\r\n\x00"), "common/history.md": text("h"), "common/%2F.md": text("p"),
		"[[.md": text("["), "((.md": text("("), "日本/歴史.md": text("史\n"), "empty.md": text(""),
		"pics/big.bin": text(big), "none.txt": text(""),
	}, Options{})
	expect(t, r, "created 9, updated 0, unchanged 0, kept 0, skipped 0")
	want := map[string]string{
		"Home": "hi\r\n\x00", "common/history": "h", "common/%2F": "p",
		"[[": "[", "((": "(", "日本/歴史": "史\n", "empty": "",
		"pics/big.bin": big, "none.txt": "",
	}
	if diff := cmp.Diff(want, f.texts()); diff != "" {
		t.Error(diff)
	}
	if r.Bytes != int64(len(big))+13 {
		t.Errorf("%d bytes reported", r.Bytes)
	}
}

func TestSecondImportChangesOnlyWhatChanged(t *testing.T) {
	f := newFake()
	folder := fstest.MapFS{"a.md": text("a1\n"), "b.md": text("b1\n"), "big": text(strings.Repeat("x", wiki.MaxBlob+1))}
	bring(t, f, folder, Options{})
	before := f.revisions()
	expect(t, bring(t, f, folder, Options{}), "created 0, updated 0, unchanged 3, kept 0, skipped 0")
	if f.revisions() != before {
		t.Errorf("%d revisions became %d", before, f.revisions())
	}
	folder["b.md"], folder["c.md"] = text("b2\n"), text("c1\n")
	folder["big"] = text(strings.Repeat("y", wiki.MaxBlob+1))
	expect(t, bring(t, f, folder, Options{}), "created 1, updated 2, unchanged 1, kept 0, skipped 0")
	want := map[string]string{"a": "a1\n", "b": "b2\n", "c": "c1\n", "big": string(folder["big"].Data)}
	if diff := cmp.Diff(want, f.texts()); diff != "" {
		t.Error(diff)
	}
}

// TestImportNeverOverwritesPeople goes through what may have happened to a
// page and to its file since the first import.
func TestImportNeverOverwritesPeople(t *testing.T) {
	const first = "one\n2\nthree\n4\nfive\n"
	edit := func(s string) func(*fakeWiki) {
		return func(f *fakeWiki) { f.add("p", "ann", "", wiki.Text, s) }
	}
	become := func(state wiki.State) func(*fakeWiki) {
		return func(f *fakeWiki) { f.add("p", "ann", "", state, "") }
	}
	for _, c := range []struct {
		name    string
		happens func(*fakeWiki)
		file    string
		want    string // what the page says afterwards
		report  string
		reason  string
	}{
		{"only edited", edit("ONE\n2\nthree\n4\nfive\n"), first, "ONE\n2\nthree\n4\nfive\n", "kept", whyEdited},
		{"edited and file changed elsewhere", edit("ONE\n2\nthree\n4\nfive\n"), "one\n2\nthree\n4\nFIVE\n", "ONE\n2\nthree\n4\nFIVE\n", "updated", ""},
		{"edited and file changed there", edit("ONE\n2\nthree\n4\nfive\n"), "EIN\n2\nthree\n4\nfive\n", "ONE\n2\nthree\n4\nfive\n", "kept", whyClash},
		{"edited as the file was", edit("ONE\n"), "ONE\n", "ONE\n", "unchanged", ""},
		{"edited back and forth", func(f *fakeWiki) { edit("ONE\n")(f); edit("two\n")(f) }, "ONE\n", "two\n", "kept", whyEdited},
		{"deleted", become(wiki.Deleted), "new\n", "(deleted)", "kept", whyDeleted},
		{"renamed", become(wiki.Moved), "new\n", "(moved)", "kept", whyMoved},
		{"unseen by anybody", func(*fakeWiki) {}, "new\n", "new\n", "updated", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake()
			bring(t, f, fstest.MapFS{"p.md": text(first)}, Options{})
			c.happens(f)
			for range 2 { // the second time nothing more may happen
				r := bring(t, f, fstest.MapFS{"p.md": text(c.file)}, Options{})
				if got := f.texts()["p"]; got != c.want {
					t.Fatalf("the page says %q, want %q", got, c.want)
				}
				if c.reason != "" && (len(r.Kept) != 1 || r.Kept[0].Reason != c.reason) {
					t.Errorf("kept %q, want %q", r.Kept, c.reason)
				}
				if !strings.Contains(figures(r), c.report+" 1") && c.report != "updated" {
					t.Errorf("%s, want one %s", figures(r), c.report)
				}
			}
		})
	}
}

func TestImportAfterAMergeKeepsTheMerge(t *testing.T) {
	f := newFake()
	bring(t, f, fstest.MapFS{"p.md": text("1\n2\n3\n")}, Options{})
	f.add("p", "ann", "", wiki.Text, "ONE\n2\n3\n")
	folder := fstest.MapFS{"p.md": text("1\n2\nTHREE\n")}
	expect(t, bring(t, f, folder, Options{}), "created 0, updated 1, unchanged 0, kept 0, skipped 0")
	expect(t, bring(t, f, folder, Options{}), "created 0, updated 0, unchanged 1, kept 0, skipped 0")
	if got := f.texts()["p"]; got != "ONE\n2\nTHREE\n" {
		t.Errorf("the page says %q", got)
	}
}

func TestImportTakesARevertedFile(t *testing.T) {
	f := newFake()
	for _, s := range []string{"v1\n", "v2\n", "v1\n"} {
		bring(t, f, fstest.MapFS{"p.md": text(s)}, Options{})
		if got := f.texts()["p"]; got != s {
			t.Errorf("the page says %q, want %q", got, s)
		}
	}
}

func TestImportLeavesForeignPagesAlone(t *testing.T) {
	f := newFake()
	f.add("p", "ann", "", wiki.Text, "mine\n")
	r := bring(t, f, fstest.MapFS{"p.md": text("yours\n")}, Options{})
	if len(r.Kept) != 1 || r.Kept[0].Reason != whyForeign || f.texts()["p"] != "mine\n" {
		t.Errorf("kept %q, page %q", r.Kept, f.texts()["p"])
	}
}

func TestOnlyMissingCreatesOnly(t *testing.T) {
	f := newFake()
	f.add("Home", "ann", "", wiki.Text, "mine\n")
	f.add("Gone", "ann", "", wiki.Deleted, "")
	r := bring(t, f, fstest.MapFS{"Home.md": text("x"), "Gone.md": text("x"), "New.md": text("x")}, Options{OnlyMissing: true})
	expect(t, r, "created 1, updated 0, unchanged 0, kept 2, skipped 0")
	want := map[string]string{"Home": "mine\n", "Gone": "(deleted)", "New": "x"}
	if diff := cmp.Diff(want, f.texts()); diff != "" {
		t.Error(diff)
	}
}

func TestImportFindsItsRevisionFarBack(t *testing.T) {
	f := newFake()
	bring(t, f, fstest.MapFS{"p.md": text("first\n")}, Options{})
	for i := range HistoryLimit + 10 {
		f.add("p", "ann", "", wiki.Text, fmt.Sprintf("first\nline %d\n", i))
	}
	r := bring(t, f, fstest.MapFS{"p.md": text("FIRST\n")}, Options{})
	expect(t, r, "created 0, updated 0, unchanged 0, kept 1, skipped 0")
	if r.Kept[0].Reason != whyClash {
		t.Errorf("kept because %q", r.Kept[0].Reason)
	}
}

func TestImportSkipsWithASentenceAndGoesOn(t *testing.T) {
	f := newFake()
	f.before = func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "refused") {
			return answer(413, `{"error":"too-large","reason":"Too large for this wiki."}`), nil
		}
		return nil, nil
	}
	r := bring(t, f, fstest.MapFS{
		"latin.md": text("caf\xe9"), "refused.md": text("r"), "a\x02.md": text(""), "ok.md": text("ok"),
	}, Options{Workers: 1})
	want := []Note{
		{"a\x02.md", "this cannot be a page name: it contains the invisible character U+0002"},
		{"latin.md", "its text is not valid UTF-8"},
		{"refused.md", "the wiki says: Too large for this wiki."},
	}
	if diff := cmp.Diff(want, r.Skipped); diff != "" {
		t.Error(diff)
	}
	if f.texts()["ok"] != "ok" {
		t.Error("the rest did not go on")
	}
}

func answer(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: readCloser{strings.NewReader(body)}}
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

func TestImportSavesOnceHoweverOftenItAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		lost := map[string]int{}
		f.before = func(r *http.Request) (*http.Response, error) {
			if lost[r.URL.Path]++; lost[r.URL.Path]%3 == 1 {
				return nil, errReset
			}
			return nil, nil
		}
		f.after = func(r *http.Request) error {
			if r.Method == http.MethodPut && lost[r.URL.Path] < 4 {
				return errReset // saved, but nobody hears of it
			}
			return nil
		}
		folder := fstest.MapFS{}
		for i := range 50 {
			folder[fmt.Sprintf("p%d.md", i)] = text(fmt.Sprint("text ", i))
		}
		expect(t, bring(t, f, folder, Options{}), "created 50, updated 0, unchanged 0, kept 0, skipped 0")
		if f.revisions() != 50 {
			t.Errorf("50 pages have %d revisions", f.revisions())
		}
	})
}

func TestImportWaitsForABoxToComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		back := time.Now().Add(3 * time.Minute)
		f.before = func(*http.Request) (*http.Response, error) {
			if time.Now().Before(back) {
				return answer(503, `{"reason":"This box is shutting down."}`), nil
			}
			return nil, nil
		}
		var said []string
		o := Options{Progress: func(p Progress) { said = append(said, p.String()) }}
		expect(t, bring(t, f, fstest.MapFS{"a.md": text("a")}, o), "created 1, updated 0, unchanged 0, kept 0, skipped 0")
		if late := time.Since(back); late > lastPause {
			t.Errorf("noticed %v after the box was back", late)
		}
		if !strings.Contains(said[0], "waiting: This box is shutting down.") || strings.Contains(said[len(said)-1], "waiting") {
			t.Errorf("told %q … %q", said[0], said[len(said)-1])
		}
	})
}

func TestImportEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.before = func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "b") {
				return nil, errReset
			}
			return nil, nil
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		r, err := Import(ctx, fstest.MapFS{"a.md": text("a"), "b.md": text("b"), "c.md": text("c")}, f.client(), Options{Workers: 1})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ended with %v", err)
		}
		expect(t, r, "created 1, updated 0, unchanged 0, kept 0, skipped 0")
	})
}

func TestProgressTellsRateAndTimeLeft(t *testing.T) {
	p := Progress{Done: 1000, Total: 4000, Bytes: 2_500_000, Elapsed: 2 * time.Second}
	if got := p.String(); got != "1000 of 4000, 500/s, 1.2 MB/s, 6s left" {
		t.Error(got)
	}
	if got := (Progress{Total: 5}).String(); got != "0 of 5, 0/s, 0 bytes/s, 0s left" {
		t.Error(got)
	}
}

func TestProgressEndsWithEverythingDone(t *testing.T) {
	f := newFake()
	var last Progress
	o := Options{Progress: func(p Progress) { last = p }, Workers: 3}
	bring(t, f, fstest.MapFS{"a.md": text("12"), "b.md": text("345"), "c.md": text("\xff")}, o)
	want := Progress{Done: 3, Total: 3, Bytes: 6, TotalBytes: 6}
	if diff := cmp.Diff(want, last, cmpopts.IgnoreFields(Progress{}, "Elapsed")); diff != "" {
		t.Error(diff)
	}
}

func TestReportSaysItInOneLine(t *testing.T) {
	r := Report{Created: 7, Updated: 1, Kept: make([]Note, 2), Skipped: make([]Note, 3), Bytes: 12_345, Seconds: 1.25}
	want := "7 created, 1 updated, 0 unchanged, 2 kept as the wiki has them, 3 skipped; 12 kB in 1.2 s"
	if got := r.String(); got != want {
		t.Errorf("got %s", got)
	}
}

func FuzzDigestOf(f *testing.F) {
	f.Add("sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:")
	f.Add("sha-512=:x:, sha-256=:")
	f.Fuzz(func(t *testing.T, s string) {
		d, err := digestOf(http.Header{"Repr-Digest": {s}})
		if err == nil && d != "" && len(d) != 64 {
			t.Errorf("%q read as %q", s, d)
		}
	})
}
