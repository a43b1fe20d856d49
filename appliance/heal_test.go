package appliance_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// rot turns a bit of a text over in the log of a box that runs.
func (w *realWorld) rot(t *testing.T, box, text string) {
	t.Helper()
	segments, err := filepath.Glob(filepath.Join(w.choices[box].Data, "public", "log", "*.seg"))
	if err != nil || len(segments) == 0 {
		t.Fatalf("no log of %s: %v", box, err)
	}
	for _, name := range segments {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		at := bytes.Index(data, []byte(text))
		if at < 0 {
			continue
		}
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteAt([]byte{data[at] ^ 4}, int64(at)); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatalf("%q is not in the log of %s", text, box)
}

func TestADamagedRevisionIsReadFromAnotherBoxAndRepaired(t *testing.T) {
	w := newRealWorld(t)
	startAll(w)
	agree(t, w, boxes...)
	for i := range 20 {
		must(t, w, 201, "PUT", fmt.Sprintf("%s/raw/Page%d", w.url("tulsa"), i), fmt.Sprintf("precious text %02d\n", i), "If-None-Match", "*")
	}
	agree(t, w, boxes...)
	for i := range 20 {
		w.rot(t, "wichita-1", fmt.Sprintf("precious text %02d", i))
	}
	for i := range 20 {
		got := must(t, w, 200, "GET", fmt.Sprintf("%s/raw/Page%d", w.url("wichita-1"), i), "")
		if want := fmt.Sprintf("precious text %02d\n", i); got.body != want {
			t.Errorf("read %q, want %q", got.body, want)
		}
	}
	for _, other := range []string{"wichita-2", "tulsa"} { // what is read now is on this disk again
		w.stop(other)
	}
	for i := range 20 {
		must(t, w, 200, "GET", fmt.Sprintf("%s/raw/Page%d", w.url("wichita-1"), i), "")
	}
}

func TestAMissingPieceOfAFileIsFetchedFromAnotherBox(t *testing.T) {
	w := newRealWorld(t)
	startAll(w)
	agree(t, w, boxes...)
	file := string(bytes.Repeat([]byte("\x00\x01file"), 300_000))
	must(t, w, 201, "PUT", w.url("tulsa")+"/files/pictures/a.bin", file, "If-None-Match", "*", "Content-Type", "application/octet-stream")
	agree(t, w, boxes...)
	pieces, err := filepath.Glob(filepath.Join(w.choices["wichita-2"].Data, "blobs", "blobs", "*", "*"))
	if err != nil || len(pieces) < 2 {
		t.Fatalf("%d pieces on wichita-2, %v", len(pieces), err)
	}
	for _, p := range pieces {
		if err := os.Remove(p); err != nil {
			t.Fatal(err)
		}
	}
	if got := must(t, w, 200, "GET", w.url("wichita-2")+"/files/pictures/a.bin", ""); got.body != file {
		t.Errorf("read %d bytes of %d", len(got.body), len(file))
	}
}
