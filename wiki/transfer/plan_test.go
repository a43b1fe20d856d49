package transfer

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/argss/argss/wiki"
)

func text(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

func TestWalkNamesPagesAndFiles(t *testing.T) {
	folder := fstest.MapFS{
		"Home.md":            text("hi"),
		"common/history.md":  text("h"),
		"common/%.md":        text("p"),
		"common/[[.md":       text("b"),
		"common/((.markdown": text("c"),
		"日本/歴史.MD":           text("j"),
		"pics/cat.png":       text("png"),
		"README":             text("r"),
		"Two Words.md":       text("t"),
		"archive.tar.gz":     text("z"),
	}
	plan, err := Walk(folder, "")
	if err != nil {
		t.Fatal(err)
	}
	want := Plan{Items: []Item{
		{Path: "Home.md", Name: "Home", Size: 2},
		{Path: "README", Name: "README", File: true, Size: 1},
		{Path: "Two Words.md", Name: "Two Words", Size: 1},
		{Path: "archive.tar.gz", Name: "archive.tar.gz", File: true, Size: 1},
		{Path: "common/%.md", Name: "common/%", Size: 1},
		{Path: "common/((.markdown", Name: "common/((", Size: 1},
		{Path: "common/[[.md", Name: "common/[[", Size: 1},
		{Path: "common/history.md", Name: "common/history", Size: 1},
		{Path: "pics/cat.png", Name: "pics/cat.png", File: true, Size: 3},
		{Path: "日本/歴史.MD", Name: "日本/歴史", Size: 1},
	}}
	if diff := cmp.Diff(want, plan); diff != "" {
		t.Error(diff)
	}
}

func TestWalkPutsEverythingBelowThePrefix(t *testing.T) {
	plan, err := Walk(fstest.MapFS{"a/b.md": text(""), "c.png": text("")}, "Old/Wiki")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Old/Wiki/a/b", "Old/Wiki/c.png"}
	if diff := cmp.Diff(want, names(plan)); diff != "" {
		t.Error(diff)
	}
}

func names(p Plan) []string {
	var all []string
	for _, i := range p.Items {
		all = append(all, i.Name)
	}
	return all
}

func TestWalkSaysWhatItLeavesOut(t *testing.T) {
	long := strings.Repeat("n", 254)
	for _, c := range []struct {
		name   string
		folder fstest.MapFS
		names  []string
		reason string // part of the only note
	}{
		{"control character", fstest.MapFS{"a\x01b.md": text(""), "c.md": text("")}, []string{"c"}, "invisible character U+0001"},
		{"too long", fstest.MapFS{long + ".md": text(""), "d/" + long + ".md": text("")}, []string{long}, "256 bytes long"},
		{"not UTF-8", fstest.MapFS{"a\xff.md": text(""), "b.md": text("")}, []string{"b"}, "not valid UTF-8"},
		{"too large", fstest.MapFS{"a.md": text(strings.Repeat("x", wiki.MaxText+1))}, nil, "at most 1048576 bytes"},
		{"two endings", fstest.MapFS{"a.markdown": text("1"), "a.md": text("2")}, []string{"a"}, "same page as a.markdown"},
		{"page and file", fstest.MapFS{"a": text("1"), "a.md": text("2")}, []string{"a"}, "same page as a,"},
		{"pipe", fstest.MapFS{"p.md": {Mode: fs.ModeNamedPipe}}, nil, "a device, a pipe or a socket"},
		{"device", fstest.MapFS{"null": {Mode: fs.ModeDevice}}, nil, "a device, a pipe or a socket"},
	} {
		t.Run(c.name, func(t *testing.T) {
			plan, err := Walk(c.folder, "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.names, names(plan)); diff != "" {
				t.Error(diff)
			}
			if len(plan.Skipped) != 1 || !strings.Contains(plan.Skipped[0].Reason, c.reason) {
				t.Errorf("skipped %q, want one note with %q", plan.Skipped, c.reason)
			}
		})
	}
}

func TestWalkKeepsTheEndingWhereTheNameNeedsIt(t *testing.T) {
	plan, err := Walk(fstest.MapFS{"common/..md": text("dot"), "blank .md": text("b"), ".md": text("e")}, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{".md", "blank .md", "common/..md"}, names(plan)); diff != "" {
		t.Error(diff)
	}
	if len(plan.Renamed) != 3 || len(plan.Skipped) != 0 {
		t.Errorf("renamed %q, skipped %q; want three renamed", plan.Renamed, plan.Skipped)
	}
}

func TestWalkCountsHiddenThingsSilently(t *testing.T) {
	plan, err := Walk(fstest.MapFS{
		".git/config": text(""), ".git/objects/x.md": text(""), "sub/.DS_Store": text(""),
		".profile.md": text(""), "a.md": text(""),
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{".profile", "a"}, names(plan)); diff != "" {
		t.Error(diff)
	}
	if plan.Hidden != 2 || plan.Skipped != nil {
		t.Errorf("hidden %d, skipped %q; want 2 and none", plan.Hidden, plan.Skipped)
	}
}

func TestWalkRefusesAMissingFolder(t *testing.T) {
	if _, err := Walk(os.DirFS(filepath.Join(t.TempDir(), "none")), ""); err == nil {
		t.Error("a missing folder was planned")
	}
}

func TestWalkFollowsNoLinkOutOfTheFolder(t *testing.T) {
	outside := t.TempDir()
	inside := t.TempDir()
	write(t, filepath.Join(outside, "secret.md"), "secret")
	write(t, filepath.Join(inside, "a.md"), "a")
	write(t, filepath.Join(inside, "sub", "b.md"), "b")
	link(t, filepath.Join(outside, "secret.md"), filepath.Join(inside, "out.md"))
	link(t, outside, filepath.Join(inside, "outdir"))
	link(t, "a.md", filepath.Join(inside, "same.md"))
	link(t, "sub", filepath.Join(inside, "loop"))
	if err := syscall.Mkfifo(filepath.Join(inside, "pipe.md"), 0o600); err != nil {
		t.Fatal(err)
	}
	folder, err := OpenFolder(inside)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	plan, err := Walk(folder.FS(), "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "same", "sub/b"}, names(plan)); diff != "" {
		t.Error(diff)
	}
	var skipped []string
	for _, s := range plan.Skipped {
		skipped = append(skipped, s.Path)
	}
	if diff := cmp.Diff([]string{"loop", "out.md", "outdir", "pipe.md"}, skipped); diff != "" {
		t.Error(diff)
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Fatal(err)
	}
}

func FuzzWalkNamesOnlyWhatAWikiCanHave(f *testing.F) {
	f.Add("a.md", "b/c.png", "pre")
	f.Add("..md", "a\x00.md", "")
	f.Fuzz(func(t *testing.T, a, b, prefix string) {
		if !fs.ValidPath(a) || !fs.ValidPath(b) || a == "." || b == "." {
			return
		}
		plan, err := Walk(fstest.MapFS{a: text("a"), b: text("b")}, prefix)
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, i := range plan.Items {
			if err := wiki.CheckName(i.Name); err != nil || seen[i.Name] {
				t.Errorf("planned %q from %q (%v), seen %v", i.Name, i.Path, err, seen[i.Name])
			}
			seen[i.Name] = true
		}
	})
}
