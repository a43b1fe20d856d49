package store

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/wikitest"
)

// The bytes were computed apart from this package.
func TestLogBytesAreFrozen(t *testing.T) {
	r := record{kind: whole, batch: 64, seq: 7, id: wiki.HashOf([]byte("id")), payload: []byte("{}")}
	want := "ff5245560100000002000000400000000700000000000000a56145270ce6b3bebd1dd012b73948677dd618d496488bc608a3cb43ce3547ddaad07b2990440fa77b7d"
	if got := hex.EncodeToString(r.append(nil)); got != want {
		t.Errorf("record is %s, want %s", got, want)
	}
	if back, err := parseRecord(r.append(nil)); err != nil || cmp.Diff(r, back, cmp.AllowUnexported(record{})) != "" {
		t.Errorf("read back %+v, %v", back, err)
	}
	head := segmentHead{number: 3, base: 41, identity: uuid{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}}
	want = "41524753534c4f47010000000000000003000000000000002900000000000000000102030405060708090a0b0c0d0e0f0000000000000000000000005470b612"
	if got := hex.EncodeToString(head.bytes()); got != want {
		t.Errorf("segment header is %s, want %s", got, want)
	}
	if back, err := parseSegmentHead(head.bytes()); err != nil || back != head {
		t.Errorf("read back %+v, %v", back, err)
	}
}

// sample is a segment's records with something unreadable between them.
func sample() (b []byte, ids []wiki.ID) {
	for i, r := range wikitest.NewGenerator(91).Revisions(5) {
		rec := record{kind: whole, seq: wiki.Seq(i + 1), id: r.ID, payload: r.Document()}
		b = rec.append(b)
		ids = append(ids, r.ID)
		if i == 2 {
			b = append(b, "\xffREV\x01 broken"...)
		}
		b = appendFillers(b, int64(70+i), 0)
	}
	return b, ids
}

func TestScanFindsRecordsBehindDamage(t *testing.T) {
	b, want := sample()
	var got []wiki.ID
	damaged, end := 0, int64(0)
	must(t, scan(bytes.NewReader(b), 0, int64(len(b)), func(f found) error {
		if f.offset != end {
			t.Errorf("a gap before %d", f.offset)
		}
		end = f.end()
		switch {
		case f.damaged:
			damaged++
		case f.record.kind == whole:
			got = append(got, f.record.id)
		}
		return nil
	}))
	if diff := cmp.Diff(want, got); diff != "" || damaged != 1 || end != int64(len(b)) {
		t.Errorf("%d damaged stretches, end %d of %d, %s", damaged, end, len(b), diff)
	}
}

func TestFillersCoverEveryLength(t *testing.T) {
	for _, n := range []int64{0, 1, 63, 64, 65, 127, 128, 129, 5000, recordHeader + maxPayload + 1, 3 * maxPayload} {
		b := appendFillers(nil, n, 3)
		if int64(len(b)) != n {
			t.Fatalf("%d bytes of filler for %d", len(b), n)
		}
		must(t, scan(bytes.NewReader(b), 0, n, func(f found) error {
			if f.damaged != (n < recordHeader) {
				t.Errorf("filler of %d bytes: damaged %v at %d", n, f.damaged, f.offset)
			}
			return nil
		}))
	}
}

// FuzzScan: whatever the bytes, a scan ends, covers them all once, and takes
// for a record only what has two good sums.
func FuzzScan(f *testing.F) {
	b, _ := sample()
	f.Add(b)
	f.Add(b[:len(b)-7])
	f.Add([]byte(recordMagic))
	f.Fuzz(func(t *testing.T, data []byte) {
		end := int64(0)
		must(t, scan(bytes.NewReader(data), 0, int64(len(data)), func(f found) error {
			if f.offset != end || f.length <= 0 {
				t.Fatalf("stretch at %d of %d bytes after %d", f.offset, f.length, end)
			}
			end = f.end()
			if _, err := parseRecord(data[f.offset:f.end()]); !f.damaged && err != nil {
				t.Fatalf("record at %d: %v", f.offset, err)
			}
			return nil
		}))
		if end != int64(len(data)) {
			t.Fatalf("ended at %d of %d", end, len(data))
		}
	})
}

// FuzzEntry: the index's values never make the reader panic.
func FuzzEntry(f *testing.F) {
	r := wikitest.NewGenerator(92).Next()
	e := entry{Entry: wiki.Entry{Seq: 3, ID: r.ID, Header: r.Header}, at: location{1, 64, 900}}
	f.Add(e.append(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := parseEntry(wiki.ID{}, data)
		if err != nil {
			return
		}
		again, err := parseEntry(wiki.ID{}, e.append(nil))
		if err != nil || cmp.Diff(e.Entry, again.Entry) != "" || e.at != again.at {
			t.Fatalf("entry %+v came back as %+v, %v", e, again, err)
		}
	})
}

// FuzzHeaderOf: a header is found in every document, and only there.
func FuzzHeaderOf(f *testing.F) {
	g := wikitest.NewGenerator(93)
	a := g.Edit("\\\"header\\\":{", `","header":{"}{`)
	bare, err := a.WithoutBody(g.Erasure("A", a.ID))
	if err != nil {
		f.Fatal(err)
	}
	for _, r := range append(g.Revisions(20), a, bare) {
		f.Add(r.Document())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := wiki.Parse(data)
		if err != nil {
			_, _ = headerOf(data, wiki.ID{}) // must not panic
			return
		}
		header, err := headerOf(r.Document(), r.ID)
		if err != nil || wiki.HashOf(header) != r.ID {
			t.Fatalf("no header in %s: %v", r.Document(), err)
		}
	})
}

func FuzzIdentities(f *testing.F) {
	ids, err := identities{}.renewed(seededReader{seeded(1)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(ids.text())
	f.Fuzz(func(t *testing.T, text string) {
		if ids, err := parseIdentities(text); err == nil && (len(ids) == 0 || ids.text() != text) {
			t.Fatalf("read %q as %v", text, ids)
		}
	})
}
