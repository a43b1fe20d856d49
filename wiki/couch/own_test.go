package couch

import (
	"strings"
	"testing"

	"github.com/argss/argss/wiki"
)

// FuzzOwnBulk compares the short way of reading what our boxes send with the
// long one.
func FuzzOwnBulk(f *testing.F) {
	r, err := wiki.New(wiki.Header{Page: "Home", Kind: wiki.Edit}, wiki.Body{Type: wiki.Markdown, Content: "a \"}\\ b\n"}, wiki.Hash{1})
	if err != nil {
		f.Fatal(err)
	}
	wire := string(r.AppendWire(nil))
	for _, docs := range []string{"", wire, wire + "," + wire, strings.Replace(wire, `,"body"`, `,"_deleted":true,"body"`, 1)} {
		f.Add(ownBulk + docs + "]}")
	}
	f.Add(`{"docs":[` + wire + `],"new_edits":false}`)
	h := New(Config{})
	f.Fuzz(func(t *testing.T, body string) {
		short, ok := h.parseOwn([]byte(body))
		if !ok {
			return
		}
		long, err := h.parseAny([]byte(body))
		if err != nil || len(long) != len(short) {
			t.Fatalf("%q: %d documents instead of %d, %v", body, len(short), len(long), err)
		}
		for i := range long {
			want, err := long[i].revision(caller{paired: true})
			got, _ := short[i].revision(caller{paired: true})
			if err != nil || !got.Equal(want) || short[i].ID != long[i].ID || short[i].Rev != long[i].Rev {
				t.Fatalf("%q: document %d is %s, %v", body, i, long[i].ID, err)
			}
		}
	})
}

func TestWhatOurBoxesSendIsReadTheShortWay(t *testing.T) {
	r, err := wiki.New(wiki.Header{Page: "Home", Kind: wiki.Edit}, wiki.Body{Type: wiki.Markdown, Content: "x\n"}, wiki.Hash{1})
	if err != nil {
		t.Fatal(err)
	}
	wire := string(r.AppendWire(nil))
	if docs, ok := New(Config{}).parseOwn([]byte(ownBulk + wire + "," + wire + "]}")); !ok || len(docs) != 2 {
		t.Errorf("read %d documents, %v", len(docs), ok)
	}
	if _, ok := documentOf(append(appendDocument([]byte(`{"id":"`+wiki.DocID(r.ID)+`","docs":[{"ok":`), r, false), "}]}"...), r.ID); !ok {
		t.Error("a row of our own _bulk_get is not known for one")
	}
}
