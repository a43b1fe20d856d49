package wiki

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/vectors.json anew: only with a new version of the frozen bytes")

// vectors are the frozen bytes by example. testdata/check.mjs reproduces them
// in JavaScript.
type vectors struct {
	Comment   string
	Canonical []struct{ Name, Input, Canonical string }
	Refused   []struct{ Name, Input string }
	Revisions []revisionVector
	Digests   []digestVector
	Tags      []tagVector
	Tokens    []struct{ Account, Token, Hash string }
}

type revisionVector struct{ Name, Document, Canonical, ID, DocID, Rev string }

type digestVector struct {
	Name   string
	IDs    []ID
	Digest Digest
}

type tagVector struct {
	Heads []ID
	Merge int
	Tag   string
}

func TestFrozenBytesAreStillThose(t *testing.T) {
	const path = "testdata/vectors.json"
	var got bytes.Buffer
	enc := json.NewEncoder(&got)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(makeVectors(t)); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("frozen bytes changed (-frozen +now):\n%s", diff)
	}
}

func makeVectors(t *testing.T) vectors {
	v := vectors{Comment: "Frozen bytes by example. Made by vectors_test.go, checked in JavaScript by check.mjs."}
	for _, c := range []struct{ name, in string }{
		{"members in UTF-16 order", `{"b":1,"a":2,"\ud83d\ude00":3,"\ufb33":4,"":5}`},
		{"escapes", `"\u0000\b\t\n\f\r\u001f\"\\\/\u00e9\u007f\u2028\ud83d\ude00"`},
		{"blanks and underscores", "\n{ \"_id\" : 1, \"a\": [ 1 , -9007199254740991 , { \"_x\": 1 } ], \"n\": null, \"t\": true }\t"},
		{"empty", `{"a":{},"b":[],"c":""}`},
	} {
		canonical, err := Canonical([]byte(c.in))
		if err != nil {
			t.Fatal(err)
		}
		v.Canonical = append(v.Canonical, struct{ Name, Input, Canonical string }{c.name, c.in, string(canonical)})
	}
	for _, c := range []struct{ name, in string }{
		{"fraction", `1.0`}, {"exponent", `1e2`}, {"2^53", `9007199254740992`}, {"lone surrogate", `"\ud800"`},
		{"control character", "\"\x01\""}, {"member twice", `{"a":1,"a":1}`}, {"two values", `1 1`}, {"leading zero", `01`},
	} {
		if got, err := Canonical([]byte(c.in)); err == nil {
			t.Fatalf("%s has the canonical form %s", c.name, got)
		}
		v.Refused = append(v.Refused, struct{ Name, Input string }{c.name, c.in})
	}
	v.Revisions = revisionVectors(t)
	v.Digests, v.Tags = digestVectors(), tagVectors()
	v.Tokens = []struct{ Account, Token, Hash string }{
		{"ada", "5f1d", TokenHash("ada", "5f1d")}, {"", "5f1d", TokenHash("", "5f1d")}, {"ada", "", TokenHash("ada", "")},
	}
	return v
}

func vectorSalt(s string) Hash { return HashOf([]byte("salt " + s)) }

func revisionVectors(t *testing.T) []revisionVector {
	must := func(r Revision, err error) Revision {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	base := Header{Page: "common/[[", Author: "ada", Time: 1700000000000, Kind: Edit, Token: TokenHash("ada", "5f1d")}
	first := must(New(base, Body{Type: Markdown, Comment: "created", Content: "line\r\nno end \U0001F600\u2028"}, vectorSalt("1")))
	other := must(New(base, Body{Type: Markdown, Content: ""}, vectorSalt("2")))
	both := base
	both.Parents, both.Token = []ID{other.ID, first.ID}, ""
	joined := must(New(both, Body{Type: Markdown, Content: "joined\n"}, vectorSalt("3")))
	both.Kind = Upload
	file := must(New(both, Body{Type: "image/png", Comment: "bild", Size: 3,
		Blobs: []BlobRef{{Hash: HashOf([]byte("abc")), Size: 3}}}, vectorSalt("4")))
	both.Kind = Delete
	deleted := must(New(both, Body{Comment: "spam"}, vectorSalt("5")))
	both.Kind = Rename
	renamed := must(New(both, Body{Target: "linux/قائمة"}, vectorSalt("6")))
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	erase := Header{Page: base.Page, Time: 1700000000001, Kind: Erase}
	record := must(New(erase, SignErasure(key, "personal data", first.ID, joined.ID), vectorSalt("7")))
	var list []revisionVector
	for _, r := range []struct {
		name string
		Revision
	}{
		{"edit", first}, {"empty edit", other}, {"edit with two parents", joined}, {"upload", file},
		{"deletion", deleted}, {"rename", renamed}, {"erase record", record},
		{"erased edit", must(first.WithoutBody(record))},
	} {
		list = append(list, revisionVector{r.name, string(r.AppendWire(nil)), string(r.Document()),
			r.ID.String(), DocID(r.ID), Rev(r.ID)})
	}
	return list
}

func digestVectors() []digestVector {
	ids := []ID{HashOf([]byte("a")), HashOf([]byte("b")), HashOf([]byte("c"))}
	near := ids[0]
	near[31] ^= 1
	sibling := ids[0]
	sibling[1] ^= 1
	var list []digestVector
	for _, c := range []struct {
		name string
		ids  []ID
	}{
		{"empty", []ID{}}, {"one", ids[:1]}, {"three", ids}, {"same leaf", []ID{near, ids[0]}}, {"same node", []ID{ids[0], sibling}},
	} {
		list = append(list, digestVector{c.name, c.ids, digestOf(c.ids)})
	}
	return list
}

func digestOf(ids []ID) Digest {
	var tree DigestTree
	for _, id := range ids {
		tree.Touch(id)
	}
	return tree.Root(func(prefix [2]byte) []ID {
		var bucket []ID
		for _, id := range ids {
			if [2]byte(id[:2]) == prefix {
				bucket = append(bucket, id)
			}
		}
		return SortIDs(bucket)
	})
}

func tagVectors() []tagVector {
	a, b := HashOf([]byte("a")), HashOf([]byte("b"))
	var list []tagVector
	for _, heads := range [][]ID{{}, {a}, {a, b}, {b, a}} {
		list = append(list, tagVector{heads, 1, Tag(heads, 1)})
	}
	return append(list, tagVector{[]ID{a}, 2, Tag([]ID{a}, 2)})
}

func TestErasedRevisionKeepsItsID(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	secret := testRevision(t, "Home", "a secret")
	record, err := New(Header{Page: "Home", Kind: Erase}, SignErasure(key, "", secret.ID), vectorSalt("8"))
	if err != nil {
		t.Fatal(err)
	}
	bare, err := secret.WithoutBody(record)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse(bare.AppendWire(nil))
	if err != nil || got.ID != secret.ID || got.Body != nil || got.Erased.ID != record.ID {
		t.Errorf("got %v, %v", got.ID, err)
	}
	if bytes.Contains(bare.Document(), []byte("secret")) {
		t.Error("the erased text is still there")
	}
	other := testRevision(t, "Home", "not named")
	if _, err := other.WithoutBody(record); err == nil {
		t.Error("a record erased a revision that it does not name")
	}
	forged := bytes.Replace(record.Document(), []byte(hex.EncodeToString(record.Body.Erasure.Signature[:4])), []byte("00000000"), 1)
	if _, err := Parse(forged); err == nil {
		t.Error("a forged signature was taken")
	}
	if (Gate{}).Admit(bare) == nil {
		t.Error("a stranger's key erased")
	}
	if err := (Gate{Keepers: []ed25519.PublicKey{key.Public().(ed25519.PublicKey)}}).Admit(bare); err != nil {
		t.Errorf("a keeper's key was refused: %v", err)
	}
}
