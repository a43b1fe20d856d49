package couch_test

import (
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/couch"
)

// erased returns a revision without its body, the record that erased it, and
// the gate that knows the keeper who signed.
func erased(t testing.TB) (gate wiki.Gate, record, bare wiki.Revision) {
	t.Helper()
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	spam := edit(t, "Home", "spam")
	record, err := wiki.New(wiki.Header{Page: "Home", Kind: wiki.Erase}, wiki.SignErasure(key, "spam", spam.ID), wiki.Hash{1})
	if err != nil {
		t.Fatal(err)
	}
	bare, err = spam.WithoutBody(record)
	if err != nil {
		t.Fatal(err)
	}
	return wiki.Gate{Keepers: []ed25519.PublicKey{key.Public().(ed25519.PublicKey)}}, record, bare
}

func TestDocumentsAreRefusedOneByOne(t *testing.T) {
	good := edit(t, "Home", "good")
	orphan := edit(t, "Home", "child", wiki.HashOf([]byte("nobody")))
	grandchild := edit(t, "Home", "grandchild", orphan.ID)
	signed, err := wiki.New(wiki.Header{Page: "Home", Kind: wiki.Edit, Author: "ada"},
		wiki.Body{Type: wiki.Markdown, Content: "x"}, wiki.Hash{2})
	if err != nil {
		t.Fatal(err)
	}
	_, record, bare := erased(t)
	other := edit(t, "Home", "other")
	with := func(r wiki.Revision, extra string) string { return `{` + extra + `,` + wire(r)[1:] }
	for name, c := range map[string]struct{ doc, word string }{
		"deletion":          {with(other, `"_deleted":true`), "forbidden"},
		"later generation":  {strings.Replace(wire(other), `"_rev":"1-`, `"_rev":"2-`, 1), "forbidden"},
		"long history":      {with(other, `"_revisions":{"start":3,"ids":["a","b","c"]}`), "forbidden"},
		"attachment":        {with(other, `"_attachments":{"a":{"data":"eA=="}}`), "forbidden"},
		"foreign prefix":    {`{"_id":"_design/evil","_rev":"1-a","views":{}}`, "forbidden"},
		"no _id":            {string(other.Document()), "forbidden"},
		"_id of a number":   {`{"_id":7}`, "forbidden"},
		"another's _id":     {strings.Replace(wire(other), other.ID.String(), good.ID.String(), 1), "forbidden"},
		"another's content": {strings.Replace(wire(other), "other", "forged", 1), "forbidden"},
		"member outside":    {with(other, `"extra":1`), "forbidden"},
		"another's name":    {wire(signed), "forbidden"},
		"stranger's record": {wire(record), "forbidden"},
		"stranger's erased": {wire(bare), "forbidden"},
		"orphan":            {wire(orphan), "precondition_failed"},
		"child of orphan":   {wire(grandchild), "precondition_failed"},
		"file in no pieces": {wire(upload(t, "a.png", "absent")), "precondition_failed"},
	} {
		b := newBox(couch.Limits{})
		w := b.ask("POST", "/db/public/_bulk_docs", bulk(c.doc, wire(good)))
		if w.Code != http.StatusCreated {
			t.Errorf("%s: answered %d %s", name, w.Code, w.Body)
			continue
		}
		refused := decode[[]struct{ ID, Error, Name, Reason string }](t, w)
		if len(refused) == 0 || refused[0].Error != c.word || refused[0].Name != c.word || len(refused[0].Reason) < 20 {
			t.Errorf("%s: refused as %+v", name, refused)
		}
		if _, err := b.store.Get(good.ID); err != nil || b.store.Latest() != 1 {
			t.Errorf("%s: holds %d, the good one: %v", name, b.store.Latest(), err)
		}
	}
}

func TestOrphansParentsAreAskedFromPeers(t *testing.T) {
	first := edit(t, "Home", "first")
	second := edit(t, "Home", "second", first.ID)
	file := upload(t, "a.png", "piece one", "piece two")
	third := edit(t, "Home", "third", second.ID, file.ID)
	b := newBox(couch.Limits{})
	for _, r := range []wiki.Revision{first, second, file} {
		b.exchange.revisions[r.ID] = r
	}
	for _, piece := range []string{"piece one", "piece two"} {
		if _, err := b.exchange.blobs.PutBlob(t.Context(), []byte(piece)); err != nil {
			t.Fatal(err)
		}
	}
	if w := b.ask("POST", "/db/public/_bulk_docs", bulk(wire(third)), paired); w.Body.String() != "[]\n" {
		t.Fatalf("answered %s", w.Body)
	}
	if lacking := b.store.Missing(idsOf([]wiki.Revision{first, second, file, third})); len(lacking) > 0 {
		t.Errorf("%v are missing", lacking)
	}
	if e, err := b.store.Entry(third.ID); err != nil || e.Seq != 4 {
		t.Errorf("the child is number %d, %v", e.Seq, err)
	}
	if !b.blobs.HasBlob(wiki.HashOf([]byte("piece two"))) {
		t.Error("the file's pieces were not fetched")
	}
	if b.exchange.spread != 0 {
		t.Error("a box's push was spread like a person's")
	}
}

func TestPersonsRevisionsAreSpread(t *testing.T) {
	b := newBox(couch.Limits{})
	b.ask("POST", "/db/public/_bulk_docs", bulk(wire(edit(t, "Home", "x"))))
	if b.exchange.spread != 1 || len(b.exchange.pushed) != 0 {
		t.Errorf("spread %d, receipts %d", b.exchange.spread, len(b.exchange.pushed))
	}
}

func TestAFullDiskIsSaidInWords(t *testing.T) {
	b := newBox(couch.Limits{})
	b.store.Fail(fmt.Errorf("write log: %w", wiki.ErrReadOnly))
	w := b.ask("POST", "/db/public/_bulk_docs", bulk(wire(edit(t, "Home", "x"))), paired)
	if w.Code != http.StatusInsufficientStorage || !strings.Contains(w.Body.String(), "takes no more writes") {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	if len(b.exchange.pushed) != 0 {
		t.Error("heard of a push that was not taken")
	}
}

func TestMalformedRequestsChangeNothing(t *testing.T) {
	doc := wire(edit(t, "Home", "x"))
	many := strings.TrimSuffix(strings.Repeat("{},", 51), ",")
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "_bulk_docs", ``, 400},
		{"POST", "_bulk_docs", `{"docs":[` + doc, 400},
		{"POST", "_bulk_docs", `[]`, 400},
		{"POST", "_bulk_docs", `{"new_edits":false}`, 400},
		{"POST", "_bulk_docs", `{"docs":[` + doc + `]}`, 400},
		{"POST", "_bulk_docs", `{"docs":[` + doc + `],"new_edits":true}`, 400},
		{"POST", "_bulk_docs", bulk(doc, "7"), 400},
		{"POST", "_bulk_docs", bulk(doc, "null"), 400},
		{"POST", "_bulk_docs", bulk(many), 413},
		{"POST", "_bulk_docs", bulk(doc) + strings.Repeat(" ", 100_000), 413},
		{"GET", "_bulk_docs", ``, 405},
		{"POST", "_bulk_get", `{"docs":7}`, 400},
		{"POST", "_bulk_get", `{"docs":[` + many + `]}`, 413},
		{"POST", "_revs_diff", `null`, 400},
		{"POST", "_revs_diff", `{"a":"b"}`, 400},
		{"GET", "_changes?feed=eventsource", ``, 400},
		{"GET", "_changes?filter=app/mine", ``, 400},
		{"GET", "_changes?limit=-1", ``, 400},
		{"GET", "_changes?timeout=soon", ``, 400},
		{"GET", "_changes?doc_ids=7", ``, 400},
		{"POST", "_changes", `{"selector":{}}`, 400},
		{"POST", "_changes", `{"doc_ids":7}`, 400},
		{"POST", "_heartbeat", `{}`, 403},
		{"GET", "_tree", ``, 403},
		{"GET", "_all_docs?descending=true", ``, 400},
		{"GET", "_all_docs?startkey=rev", ``, 400},
		{"POST", "_all_docs", `{"keys":7}`, 400},
		{"PUT", "_local/x", `[]`, 400},
		{"PUT", "_local/x", `{"a":"` + strings.Repeat("x", 70_000) + `"}`, 413},
		{"PUT", "_local/" + strings.Repeat("x", 300), `{}`, 400},
		{"POST", "_local/x", ``, 405},
		{"GET", "_view/x", ``, 404},
		{"GET", "_design/x", ``, 404},
		{"PUT", "_design/x", `{}`, 403},
		{"PUT", "anything", `{}`, 403},
		{"DELETE", "", ``, 405},
		{"PUT", "", ``, 412},
	} {
		b := newBox(couch.Limits{Documents: 50, Bytes: 90_000})
		w := b.ask(c.method, "/db/public/"+c.path, c.body)
		f := decode[struct{ Error, Reason string }](t, w)
		if w.Code != c.status || f.Error == "" || f.Reason == "" || strings.Contains(f.Reason, "\n") {
			t.Errorf("%s %s %.60s: answered %d %s, want %d", c.method, c.path, c.body, w.Code, w.Body, c.status)
		}
		if b.store.Latest() != 0 || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s %s %.60s: something was stored, or is no JSON", c.method, c.path, c.body)
		}
	}
}

func TestBombsAreRefusedBeforeTheyUnpack(t *testing.T) {
	zeros := bytes.Repeat([]byte(" "), 64<<20)
	pack := map[string]func(io.Writer) io.WriteCloser{
		"gzip": func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"zstd": func(w io.Writer) io.WriteCloser {
			z, err := zstd.NewWriter(w)
			if err != nil {
				t.Fatal(err)
			}
			return z
		},
	}
	for encoding, writer := range pack {
		var packed bytes.Buffer
		z := writer(&packed)
		_, err := z.Write(zeros)
		if err := errors.Join(err, z.Close()); err != nil {
			t.Fatal(err)
		}
		b := newBox(couch.Limits{Bytes: 1 << 20})
		w := b.ask("POST", "/db/public/_bulk_docs", packed.String(), "Content-Encoding: "+encoding)
		if w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("%s of %d bytes: answered %d", encoding, packed.Len(), w.Code)
		}
		if w := b.ask("POST", "/db/public/_bulk_docs", "no "+encoding, "Content-Encoding: "+encoding); w.Code != 400 {
			t.Errorf("broken %s: answered %d", encoding, w.Code)
		}
	}
	if w := newBox(couch.Limits{}).ask("POST", "/db/public/_revs_diff", "{}", "Content-Encoding: br"); w.Code != 415 {
		t.Errorf("unknown encoding: answered %d", w.Code)
	}
}

func TestKeeperSpaceIsAbsentForOutsiders(t *testing.T) {
	b := newBox(couch.Limits{})
	for _, path := range []string{"", "_changes", "_bulk_docs", "_all_docs", "_local/x", "_tree", "rev:x"} {
		for _, method := range []string{"GET", "POST", "PUT"} {
			secretly := b.ask(method, "/db/keeper/"+path, bulk())
			nothing := b.ask(method, "/db/nothing/"+path, bulk())
			if diff := cmp.Diff(nothing.Body.String(), secretly.Body.String()); diff != "" || secretly.Code != nothing.Code {
				t.Errorf("%s %s tells the keeper space from nothing:\n%s", method, path, diff)
			}
		}
	}
	for _, c := range []struct {
		header string
		want   string
	}{
		{"X: none", `["public"]`},
		{"Authorization: Bearer wrong", `["public"]`},
		{"Authorization: Basic YWRhOm1lbWJlcnM=", `["members","public"]`}, // ada, members
		{paired, `["keeper","members","public"]`},
	} {
		if got := strings.TrimSpace(b.ask("GET", "/db/_all_dbs", "", c.header).Body.String()); got != c.want {
			t.Errorf("%s: lists %s, want %s", c.header, got, c.want)
		}
	}
	if w := b.ask("GET", "/db/keeper/_changes", "", paired); w.Code != 200 {
		t.Errorf("a paired box is answered %d", w.Code)
	}
}

func TestRulesOfASpaceHoldForPersons(t *testing.T) {
	b := newBox(couch.Limits{})
	const member, keeper = "Authorization: Basic YWRhOm1lbWJlcnM=", "Authorization: Basic YWRhOmtlZXBlcnM="
	doc := bulk(wire(edit(t, "Home", "x")))
	for _, c := range []struct {
		method, path, header string
		want                 int
	}{
		{"GET", "", "X: stranger", 401},
		{"GET", "", member, 200},
		{"POST", "_bulk_docs", member, 403},
		{"POST", "_bulk_docs", keeper, 201},
	} {
		if w := b.ask(c.method, "/db/members/"+c.path, doc, c.header); w.Code != c.want {
			t.Errorf("%s %s as %s: answered %d %s, want %d", c.method, c.path, c.header, w.Code, w.Body, c.want)
		}
	}
}
