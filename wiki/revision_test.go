package wiki

import (
	"errors"
	"strings"
	"testing"
)

func testRevision(t testing.TB, page, text string, parents ...ID) Revision {
	t.Helper()
	r, err := New(Header{Page: page, Parents: parents, Author: "ada", Time: 1700000000000, Kind: Edit},
		Body{Type: Markdown, Comment: "first", Content: text}, HashOf([]byte(text+page)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRevisionSurvivesTheWire(t *testing.T) {
	for _, text := range []string{"", "a\r\nb", "no newline", "\u2028 \U0001F600 \\ \" \x00 \x1f\x7f", "العربية"} {
		r := testRevision(t, "common/[[", text)
		got, err := Parse(r.AppendWire(nil))
		if err != nil {
			t.Fatalf("parse %q: %v", text, err)
		}
		if !got.Equal(r) || got.ID != r.ID || got.Body.Content != text {
			t.Errorf("%q came back as %q, %s as %s", text, got.Body.Content, r.ID, got.ID)
		}
	}
}

func TestParseKeepsWhatANewerVersionWrote(t *testing.T) {
	r := testRevision(t, "Home", "hello")
	header := strings.Replace(string(r.Document()), `"kind":"edit"`, `"kind":"edit","mood":"calm"`, 1)
	got, err := Parse([]byte(header))
	if err != nil {
		t.Fatal(err)
	}
	if got.ID == r.ID || !strings.Contains(string(got.Document()), `"mood":"calm"`) {
		t.Errorf("unknown member lost or not hashed: %s", got.Document())
	}
}

func TestParseRefuses(t *testing.T) {
	good := string(testRevision(t, "Home", "hello").Document())
	change := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for name, document := range map[string]string{
		"nothing":            "",
		"no object":          "[]",
		"other body":         change("hello", "hullo"),
		"extra member":       change(`{"body"`, `{"note":1,"body"`),
		"member twice":       change(`{"body"`, `{"salt":"","body"`),
		"no header":          `{"body":{},"salt":""}`,
		"fraction":           change("1700000000000", "1.5"),
		"exponent":           change("1700000000000", "1e3"),
		"large number":       change("1700000000000", "9007199254740992"),
		"negative time":      change("1700000000000", "-1"),
		"minus zero":         change("1700000000000", "-0"),
		"lone surrogate":     change("hello", `\ud800`),
		"swapped surrogates": change("hello", `\udc00\ud800`),
		"invalid UTF-8":      change("hello", "\xff"),
		"control":            change("hello", "\x01"),
		"tail":               good + "x",
		"path as name":       change(`"Home"`, `"../Home"`),
		"control in name":    change(`"Home"`, `"Ho\u0000me"`),
		"upper-case kind":    change(`"edit"`, `"Edit"`),
		"parents unsorted": change(`"parents":[]`, `"parents":["`+strings.Repeat("b", 64)+
			`","`+strings.Repeat("a", 64)+`"]`),
		"parent twice": change(`"parents":[]`, `"parents":["`+strings.Repeat("a", 64)+
			`","`+strings.Repeat("a", 64)+`"]`),
		"upper-case hash": change(`"parents":[]`, `"parents":["`+strings.Repeat("A", 64)+`"]`),
		"deep nesting":    change("1700000000000", strings.Repeat("[", 100000)),
	} {
		if r, err := Parse([]byte(document)); !errors.Is(err, ErrDocument) {
			t.Errorf("%s: got %v, %v; want an error", name, r.ID, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(testRevision(f, "Home", "hello").Document())
	f.Add([]byte(`{"a":"\\u000b\\u000B\\b\\u0008\\/\\\"\\n é","b":[ ],"c":{"_x":1}}`))
	f.Add([]byte(`{"_id":"x","a":[1,-2,{"b":null,"c":true}],"é":"\u00e9\ud83d\ude00"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		canonical, err := Canonical(data)
		if err != nil {
			return
		}
		read, _ := parseJSON(data)
		if written := rewritten(read).append(nil); string(written) != string(canonical) {
			t.Fatalf("%q was taken over as %q and is written %q", data, canonical, written)
		}
		again, err := Canonical(canonical)
		if err != nil || string(again) != string(canonical) {
			t.Fatalf("canonical bytes are not stable: %q became %q, %v", canonical, again, err)
		}
		r, err := Parse(data)
		if err != nil {
			return
		}
		if second, err := Parse(r.AppendWire(nil)); err != nil || !second.Equal(r) {
			t.Fatalf("%q does not survive the wire: %v", data, err)
		}
	})
}

// rewritten returns a value that forgot the bytes it was read from.
func rewritten(n node) *node {
	n.source = nil
	for i := range n.items {
		n.items[i] = *rewritten(n.items[i])
	}
	for i := range n.members {
		n.members[i].value = *rewritten(n.members[i].value)
	}
	return &n
}
