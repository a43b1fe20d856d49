package wikitest

import (
	"errors"
	"io"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argss/argss/wiki"
)

// TestFiles checks the promises of wiki.Files that need no power cut. open
// returns an empty folder.
func TestFiles(t *testing.T, open func(t *testing.T) wiki.Files) {
	for name, test := range map[string]func(*testing.T, wiki.Files){
		"ReadsWhatWasWritten":          filesReadBack,
		"OpensOnlyWhatIsThere":         filesOpen,
		"RenameReplacesAndKeepsHandle": filesRename,
		"RemovedFileIsGone":            filesRemove,
		"ListsFilesOfOneFolder":        filesList,
		"RefusesNamesThatLeave":        filesNames,
		"ClosedFileRefuses":            filesClosed,
		"TellsFreeSpace":               filesFree,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mustOpen(t *testing.T, files wiki.Files, name string) wiki.File {
	t.Helper()
	f, err := files.Open(name, true)
	must(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func mustWrite(t *testing.T, files wiki.Files, name, text string) wiki.File {
	t.Helper()
	f := mustOpen(t, files, name)
	n, err := f.WriteAt([]byte(text), 0)
	must(t, err)
	if n != len(text) {
		t.Fatalf("wrote %d of %d bytes", n, len(text))
	}
	must(t, f.Sync())
	return f
}

func content(t *testing.T, f wiki.File) string {
	t.Helper()
	size, err := f.Size()
	must(t, err)
	b := make([]byte, size)
	if _, err = f.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return string(b)
}

func filesReadBack(t *testing.T, files wiki.Files) {
	must(t, files.MakeDir("a/b"))
	must(t, files.MakeDir("a/b"))
	f := mustWrite(t, files, "a/b/c", "hello world")
	must(t, f.Truncate(5))
	_, err := f.WriteAt([]byte("!"), 7)
	must(t, err)
	if got, want := content(t, f), "hello\x00\x00!"; got != want {
		t.Errorf("content is %q, want %q", got, want)
	}
	if n, err := f.ReadAt(make([]byte, 4), 6); n != 2 || !errors.Is(err, io.EOF) {
		t.Errorf("reading over the end gave %d bytes and %v, want 2 and EOF", n, err)
	}
	must(t, f.Truncate(10))
	if got, want := content(t, f), "hello\x00\x00!\x00\x00"; got != want {
		t.Errorf("content is %q, want %q", got, want)
	}
	must(t, files.SyncDir("a/b"))
	again, err := files.Open("a/b/c", false)
	must(t, err)
	defer again.Close()
	if got := content(t, again); len(got) != 10 {
		t.Errorf("a second handle sees %d bytes, want 10", len(got))
	}
}

func filesOpen(t *testing.T, files wiki.Files) {
	if _, err := files.Open("none", false); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("opening a missing file: %v", err)
	}
	if _, err := files.Open("none/file", true); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("creating a file in a missing folder: %v", err)
	}
	mustWrite(t, files, "kept", "text")
	if got := content(t, mustOpen(t, files, "kept")); got != "text" {
		t.Errorf("opening with create emptied the file: %q", got)
	}
}

func filesRename(t *testing.T, files wiki.Files) {
	old := mustWrite(t, files, "name", "old")
	renamed := mustWrite(t, files, "name.tmp", "new")
	must(t, files.Rename("name.tmp", "name"))
	must(t, files.SyncDir("."))
	if got := content(t, mustOpen(t, files, "name")); got != "new" {
		t.Errorf("after the rename the name holds %q", got)
	}
	if got := content(t, renamed) + content(t, old); got != "newold" {
		t.Errorf("open handles read %q", got)
	}
	if err := files.Rename("name.tmp", "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("renaming a missing file: %v", err)
	}
}

func filesRemove(t *testing.T, files wiki.Files) {
	f := mustWrite(t, files, "gone", "text")
	must(t, files.Remove("gone"))
	if err := files.Remove("gone"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removing twice: %v", err)
	}
	if _, err := files.Open("gone", false); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("opening a removed file: %v", err)
	}
	if got := content(t, f); got != "text" {
		t.Errorf("an open handle reads %q after the removal", got)
	}
}

func filesList(t *testing.T, files wiki.Files) {
	must(t, files.MakeDir("d/deeper"))
	for _, name := range []string{"d/b", "d/a", "d/deeper/c", "top"} {
		mustWrite(t, files, name, "")
	}
	got, err := files.List("d")
	must(t, err)
	if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" {
		t.Error(diff)
	}
	got, err = files.List(".")
	must(t, err)
	if diff := cmp.Diff([]string{"top"}, got); diff != "" {
		t.Error(diff)
	}
	if _, err := files.List("none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("listing a missing folder: %v", err)
	}
}

func filesNames(t *testing.T, files wiki.Files) {
	for _, name := range []string{"", "/abs", "../up", "a/../../up", "a//b", "./a", "a/"} {
		if _, err := files.Open(name, true); err == nil {
			t.Errorf("opened %q", name)
		}
		if err := files.MakeDir(name); err == nil {
			t.Errorf("made folder %q", name)
		}
		if files.Remove(name) == nil || files.Rename("x", name) == nil {
			t.Errorf("removed or renamed %q", name)
		}
	}
}

func filesClosed(t *testing.T, files wiki.Files) {
	f := mustOpen(t, files, "f")
	must(t, f.Close())
	if _, err := f.WriteAt([]byte("x"), 0); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("writing to a closed file: %v", err)
	}
	if err := f.Sync(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("syncing a closed file: %v", err)
	}
}

func filesFree(t *testing.T, files wiki.Files) {
	free, err := files.Free()
	must(t, err)
	if free == 0 {
		t.Error("no byte is free")
	}
}
