package wiki

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// FuzzNew has New make what Parse then reads: what one box made and another
// refuses, or reads as something else, would be lost.
func FuzzNew(f *testing.F) {
	f.Add("Home", "ada", "why", "text/markdown", "line\r\n\x00\t\"quoted\" \\ é 日本語 \U0001F600\n", int64(1700000000000), uint8(0))
	f.Add("a/b", "", "", "text/plain", "\xff", int64(-1), uint8(1))
	f.Add("a", "\xed\xa0\x80", "c\xc3", "image/png", "t", int64(1)<<60, uint8(2))
	f.Fuzz(func(t *testing.T, page, author, comment, kind, content string, time int64, which uint8) {
		kinds := []Kind{Edit, Upload, Rename, Delete, "later"}
		h := Header{Page: page, Author: author, Time: time, Kind: kinds[int(which)%len(kinds)], Token: TokenHash(author, comment)}
		b := Body{Type: kind, Comment: comment, Content: content, Target: content, Size: time}
		if h.Kind == Upload {
			b.Blobs = []BlobRef{{Hash: HashOf([]byte(content)), Size: time}}
		}
		r, err := New(h, b, HashOf([]byte(content)))
		if err != nil {
			return
		}
		read, err := Parse(r.Document())
		if err != nil {
			t.Fatalf("Parse refuses what New made: %v", err)
		}
		if diff := cmp.Diff(r, read, cmp.AllowUnexported(Revision{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("Parse reads something else than New made:\n%s", diff)
		}
		if canonical, err := Canonical(r.Document()); err != nil || !bytes.Equal(canonical, r.Document()) {
			t.Errorf("what New made is not canonical: %v", err)
		}
	})
}

func BenchmarkNew(b *testing.B) {
	text := strings.Repeat("Some words of a line, as people write them.\n", 2048/44)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := New(Header{Page: "Home", Author: "ada", Time: 1, Kind: Edit}, Body{Type: Markdown, Content: text}, Hash{1}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	text := strings.Repeat("Some words of a line, as people write them.\n", 2048/44)
	r, err := New(Header{Page: "Home", Author: "ada", Time: 1, Kind: Edit}, Body{Type: Markdown, Content: text}, Hash{1})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(r.Document()); err != nil {
			b.Fatal(err)
		}
	}
}
