package web_test

import (
	"bytes"
	"io"
	"mime"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/wikitest"
)

// broken is a body whose connection breaks.
type broken struct{ left int }

func (b *broken) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n := min(len(p), b.left)
	b.left -= n
	return n, nil
}

func TestFilesComeBackWholeAndInRanges(t *testing.T) {
	b := newBox(t)
	content := make([]byte, 2*wiki.MaxBlob+100)
	for i := range content {
		content[i] = byte(i * i >> 7)
	}
	saved := b.put("/files/Pictures/Big.bin", string(content), "Content-Type", "application/zip", "If-None-Match", "*")
	r := b.ask("GET", "/files/Pictures/Big.bin", "")
	if got := bodyOf(t, r); got != string(content) || r.Header.Get("ETag") != saved.Tag || r.Header.Get("Accept-Ranges") != "bytes" {
		t.Errorf("read %d bytes, %v", len(got), r.Header)
	}
	const from = wiki.MaxBlob - 10
	part := b.ask("GET", "/files/Pictures/Big.bin", "", "Range", "bytes=1048566-1048585", "If-Range", saved.Tag)
	if got := bodyOf(t, part); part.StatusCode != 206 || got != string(content[from:from+20]) {
		t.Errorf("a range across pieces: %d, %d bytes", part.StatusCode, len(got))
	}
	if got := bodyOf(t, b.ask("GET", "/files/Pictures/Big.bin", "", "Range", "bytes=-5")); got != string(content[len(content)-5:]) {
		t.Errorf("the last bytes: %q", got)
	}
	if r := b.ask("GET", "/files/Pictures/Big.bin", "", "Range", "bytes=9999999-"); r.StatusCode != 416 {
		t.Errorf("beyond the end: %d", r.StatusCode)
	}
	if r := b.ask("GET", "/files/Pictures/Big.bin", "", "If-None-Match", saved.Tag); r.StatusCode != 304 {
		t.Errorf("known: %d", r.StatusCode)
	}
	if r := b.ask("HEAD", "/files/Pictures/Big.bin", ""); r.ContentLength != int64(len(content)) || bodyOf(t, r) != "" {
		t.Errorf("HEAD: %d bytes", r.ContentLength)
	}
}

func TestFilesCannotActAsPages(t *testing.T) {
	b := newBox(t)
	for kind, want := range map[string]string{
		"image/png": "inline", "image/jpeg": "inline", "image/gif": "inline", "image/webp": "inline",
		"image/avif": "inline", "audio/ogg": "inline", "video/mp4": "inline", "application/pdf": "inline",
		"text/plain": "inline", "image/svg+xml": "attachment", "text/html": "attachment",
		"application/xhtml+xml": "attachment", "text/xml": "attachment", "application/javascript": "attachment",
		"text/css": "attachment", "application/zip": "attachment", "foo/bar": "attachment",
	} {
		b.set("/files/Ünï%20%22x%22", "data", "Content-Type", kind)
		h := b.ask("GET", "/files/Ünï%20%22x%22", "").Header
		got, params, err := mime.ParseMediaType(h.Get("Content-Disposition"))
		if err != nil || got != want || params["filename"] != `Ünï "x"` {
			t.Errorf("%s: %q (%v)", kind, h.Get("Content-Disposition"), err)
		}
		csp := h.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "sandbox") && kind != "application/pdf" {
			t.Errorf("%s: policy %q", kind, csp)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s may be sniffed", kind)
		}
	}
}

func TestUploadsKeepTheRulesOfSaves(t *testing.T) {
	b := newBox(t)
	headers := []string{"Content-Type", "image/png", "If-None-Match", "*", "Idempotency-Key", "k"}
	first := b.put("/files/a.png", "one", headers...)
	if again := b.put("/files/a.png", "one", headers...); !again.Replayed || again.Revision != first.Revision {
		t.Errorf("resent: %+v", again)
	}
	b.refused(422, "PUT", "/files/a.png", "two", headers...)
	b.refused(428, "PUT", "/files/a.png", "two", "Content-Type", "image/png")
	b.refused(412, "PUT", "/files/a.png", "two", "Content-Type", "image/png", "If-None-Match", "*")
	b.refused(412, "PUT", "/files/a.png", "two", "Content-Type", "image/png", "If-Match", `"0"`)
	b.refused(415, "PUT", "/files/a.png", "two", "Content-Type", "nonsense", "If-Match", "*")
	b.put("/files/a.png", "two", "Content-Type", "image/png", "If-Match", first.Tag)
	if got := bodyOf(t, b.ask("GET", "/files/a.png?revision="+first.Revision, "")); got != "one" {
		t.Errorf("the old version reads %q", got)
	}
}

func TestAnAnnouncedFileOverTheLimitIsNotRead(t *testing.T) {
	b := newBox(t)
	body := new(endless)
	r := httptest.NewRequest("PUT", "/files/a", body)
	r.ContentLength = 1 << 50
	if got := b.send(r); got.StatusCode != 413 || body.read > 0 {
		t.Errorf("%d after reading %d bytes", got.StatusCode, body.read)
	}
}

func TestFilesWithoutATypeTakeThatOfTheirName(t *testing.T) {
	b := newBox(t)
	for name, want := range map[string]string{"a.png": "image/png", "a.pdf": "application/pdf", "a": "application/octet-stream"} {
		b.put("/files/"+name, "x")
		if got := b.ask("GET", "/files/"+name, "").Header.Get("Content-Type"); got != want {
			t.Errorf("%s is %s", name, got)
		}
	}
}

func TestASmallFilesDigestIsTold(t *testing.T) {
	b := newBox(t)
	b.put("/files/a.png", "x")
	b.put("/files/empty.png", "")
	if got := b.ask("GET", "/files/a.png", "").Header.Get("Repr-Digest"); got != "sha-256=:LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=:" {
		t.Errorf("digest %q", got)
	}
	if r := b.ask("GET", "/files/empty.png", ""); bodyOf(t, r) != "" || r.Header.Get("Repr-Digest") != "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:" {
		t.Errorf("an empty file: %d %v", r.StatusCode, r.Header)
	}
}

func TestAFileThisBoxLacksIsSaidSo(t *testing.T) {
	b := newBox(t)
	b.put("/files/a.png", "x")
	b.blobs.Blobs = wikitest.NewBlobs()
	if word := b.refused(503, "GET", "/files/a.png", ""); word != "not-here-yet" {
		t.Errorf("%s", word)
	}
}

func TestAFileThatCannotBeSentWholeBreaksOff(t *testing.T) {
	b := newBox(t)
	content := bytes.Repeat([]byte("x"), wiki.MaxBlob+5)
	b.put("/files/a.bin", string(content))
	b.blobs.Blobs = wikitest.NewBlobs()
	if _, err := b.blobs.PutBlob(t.Context(), content[:wiki.MaxBlob]); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("the answer ended as if it were whole")
		}
	}()
	b.ask("GET", "/files/a.bin", "")
}

func TestTextAndFilesLeadToEachOther(t *testing.T) {
	b := newBox(t)
	b.put("/files/a%20b.png", "x")
	b.put("/raw/Home", "x")
	for target, want := range map[string]string{"/raw/a%20b.png": "/files/a%20b.png", "/files/Home": "/raw/Home"} {
		if r := b.ask("GET", target, ""); r.StatusCode != 302 || r.Header.Get("Location") != want {
			t.Errorf("%s: %d to %s", target, r.StatusCode, r.Header.Get("Location"))
		}
	}
	b.refused(404, "GET", "/files/Nothing", "")
}

func TestFilePagesShowWhatCanBeShown(t *testing.T) {
	b := newBox(t)
	for kind, want := range map[string]string{
		"image/png": `<img class="preview" src="/files/f"`, "audio/ogg": "<audio controls", "video/mp4": "<video class=",
		"text/plain": "<pre dir=\"auto\" tabindex=\"0\">&lt;data&gt;</pre>", "application/zip": "Download", "application/pdf": "Open",
		"image/svg+xml": "Download",
	} {
		b.set("/files/f", "<data>", "Content-Type", kind)
		wantText(t, b.get("/wiki/f", 200), want, kind)
	}
}
