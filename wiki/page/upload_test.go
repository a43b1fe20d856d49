package page_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/page"
	"github.com/argss/argss/wiki/wikitest"
)

// broken is a body whose connection breaks after a while, as net/http says it.
type broken struct{ left int }

func (b *broken) Read(p []byte) (int, error) {
	n := min(len(p), b.left)
	if b.left -= n; n == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	return n, nil
}

func TestUploadCutsAFileIntoPieces(t *testing.T) {
	b := newBox(t, "a")
	b.Blobs = wikitest.NewBlobs()
	content := bytes.Repeat([]byte("0123456789abcdef"), wiki.MaxBlob/16*2+1)
	saved, err := b.Upload(t.Context(), page.Draft{Page: "big.bin", Type: "application/octet-stream"}, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	body := saved.Revision.Body
	if saved.View.State != wiki.Media || body.Size != int64(len(content)) || len(body.Blobs) != 3 {
		t.Fatalf("got %s of %d bytes in %d pieces", saved.View.State, body.Size, len(body.Blobs))
	}
	var got []byte
	for _, ref := range body.Blobs {
		piece, err := b.Blob(t.Context(), ref.Hash)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, piece...)
	}
	if !bytes.Equal(got, content) {
		t.Error("the file came back different")
	}
}

func TestABrokenUploadIsNoFile(t *testing.T) {
	b := newBox(t, "a")
	b.Blobs = wikitest.NewBlobs()
	for _, size := range []int{0, 10, wiki.MaxBlob, wiki.MaxBlob + 10} {
		_, err := b.Upload(t.Context(), page.Draft{Page: "f", Type: "image/png"}, &broken{size})
		if err == nil || b.view("f").Exists() {
			t.Errorf("a body that broke after %d bytes became a file", size)
		}
	}
}
