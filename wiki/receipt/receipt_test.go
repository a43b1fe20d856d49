package receipt_test

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/receipt"
	"github.com/argss/argss/wiki/wikitest"
)

// key is that of the secret the package comment names.
func key(t testing.TB) ed25519.PrivateKey {
	secret, err := hex.DecodeString("000102030405060708090a0b0c0d0e0f")
	if err != nil {
		t.Fatal(err)
	}
	return receipt.KeyOf(secret)
}

func example(t testing.TB) receipt.Receipt {
	r, err := receipt.Sign(key(t), "public", wiki.HashOf([]byte("an edit")), time.Date(2026, 11, 25, 11, 5, 27, 123456789, time.UTC), []wiki.Receipt{
		{Box: "wichita-1", Store: "0b2f6c1e-6a35-4a53-9c3a-5d3b1f6f8a01", Seq: 4711},
		{Box: "tulsa", Store: "7f3d2a90-1c1b-4be2-8f67-2e9a4c5d6e02", Seq: 815},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReceiptHasItsFrozenBytes(t *testing.T) {
	golden, err := os.ReadFile("testdata/receipt.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), example(t).String()); diff != "" {
		t.Error(diff)
	}
	for line := range strings.Lines(string(golden)) {
		if len(line) > 76 {
			t.Errorf("a mail program wraps %q", line)
		}
	}
}

func TestReceiptSurvivesTheMail(t *testing.T) {
	want := example(t)
	text := want.String()
	for name, mailed := range map[string]string{
		"as it is": text,
		"CR LF":    strings.ReplaceAll(text, "\n", "\r\n"),
		"quoted":   "On Monday you wrote:\n> " + strings.ReplaceAll(text, "\n", "\n> ") + "\nThanks!",
		"twice":    ">> " + strings.ReplaceAll(text, "\n", "\n>> "),
		"indented": strings.ReplaceAll(text, "\n", "  \n\t "),
		"wrapped":  strings.ReplaceAll(strings.ReplaceAll(text, "copy ", "copy\n"), "time ", "time  \n  "),
	} {
		got, err := receipt.ParseFrom(want.Key, mailed)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestReceiptsThatAreNotWhatWasSignedAreRefused(t *testing.T) {
	r := example(t)
	text := r.String()
	other := ed25519.NewKeyFromSeed(make([]byte, 32))
	forged, err := receipt.Sign(other, "public", r.Revision, r.Time, r.Copies)
	if err != nil {
		t.Fatal(err)
	}
	impostor := strings.Replace(forged.String(), hex.EncodeToString(forged.Key), hex.EncodeToString(r.Key), 1)
	for name, c := range map[string]struct {
		text string
		want receipt.Refusal
	}{
		"empty":            {"", receipt.ErrNone},
		"prose":            {"Dear box, is my edit there?", receipt.ErrNone},
		"no end":           {strings.Replace(text, "-----END", "", 1), receipt.ErrCut},
		"first half":       {text[:len(text)/2], receipt.ErrCut},
		"last half":        {text[len(text)/2:], receipt.ErrCut},
		"a line lost":      {strings.Replace(text, "space public\n", "", 1), receipt.ErrDamaged},
		"no signature":     {text[:strings.Index(text, "signature")] + text[strings.Index(text, "-----END"):], receipt.ErrDamaged},
		"a copy lost":      {strings.Replace(text, "copy tulsa 7f3d2a90-1c1b-4be2-8f67-2e9a4c5d6e02 815\n", "", 1), receipt.ErrAltered},
		"another box":      {strings.Replace(text, "tulsa", "omaha", 1), receipt.ErrAltered},
		"another number":   {strings.Replace(text, " 815", " 816", 1), receipt.ErrAltered},
		"another time":     {strings.Replace(text, "2026", "2025", 1), receipt.ErrAltered},
		"another edit":     {strings.Replace(text, r.Revision.String(), wiki.HashOf(nil).String(), 1), receipt.ErrAltered},
		"number respelt":   {strings.Replace(text, " 815", " 0815", 1), receipt.ErrDamaged},
		"word added":       {strings.Replace(text, "space public", "space public yes", 1), receipt.ErrDamaged},
		"capitals":         {strings.Replace(text, r.Revision.String(), strings.ToUpper(r.Revision.String()), 1), receipt.ErrDamaged},
		"from the future":  {strings.Replace(text, "version 1", "version 2", 1), receipt.ErrNewer},
		"two":              {text + text, receipt.ErrTwo},
		"one in the other": {strings.Replace(text, "space", text+"space", 1), receipt.ErrTwo},
		"of another wiki":  {forged.String(), receipt.ErrForeign},
		"with our key":     {impostor, receipt.ErrAltered},
	} {
		if _, err := receipt.ParseFrom(r.Key, c.text); err != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestNothingIsSignedThatCouldNotBeRead(t *testing.T) {
	for name, copies := range map[string][]wiki.Receipt{
		"no box":      nil,
		"spaces":      {{Box: "a box", Store: "s", Seq: 1}},
		"line break":  {{Box: "a", Store: "s\ncopy evil", Seq: 1}},
		"no sequence": {{Box: "a", Store: "s"}},
	} {
		if r, err := receipt.Sign(key(t), "public", wiki.HashOf(nil), time.Unix(0, 0), copies); err == nil {
			t.Errorf("%s was signed:\n%s", name, r)
		}
	}
}

// others are boxes that answer what a test lays down.
type others []wiki.Whereabouts

func (o others) Where(context.Context, wiki.ID) []wiki.Whereabouts { return o }

func TestReceiptDiesWithItsStore(t *testing.T) {
	store := wikitest.NewMemory("here-1")
	r, err := wiki.New(wiki.Header{Page: "Home", Kind: wiki.Edit}, wiki.Body{Type: wiki.Markdown, Content: "x"}, wiki.Hash{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Add(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	at := func(box string, store wiki.Identity, seq wiki.Seq, f wiki.Finding) wiki.Whereabouts {
		return wiki.Whereabouts{Receipt: wiki.Receipt{Box: box, Store: store, Seq: seq}, Found: f}
	}
	office := &receipt.Office{Key: key(t), Box: "here", Space: "public", Store: store, Now: func() time.Time { return time.UnixMilli(1e12) }}
	office.Others = others{at("same", "s", 7, wiki.Held), at("swapped", "old", 7, wiki.Held), at("gone", "g", 7, wiki.Held),
		at("moved", "m", 7, wiki.Held), at("robbed", "r", 7, wiki.Held), at("late", "", 0, wiki.Silent)}
	signed, err := office.Issue(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	office.Others = others{at("same", "s", 7, wiki.Held), at("swapped", "new", 1, wiki.Held), at("gone", "", 0, wiki.Silent),
		at("robbed", "r", 0, wiki.Lacking), at("late", "l", 1, wiki.Held)}
	c, err := office.Check(t.Context(), signed.String())
	if err != nil {
		t.Fatal(err)
	}
	fates := map[string]receipt.Fate{}
	for _, copied := range c.Then {
		fates[copied.Box] = copied.Fate
	}
	want := map[string]receipt.Fate{"here": receipt.Stands, "same": receipt.Stands, "swapped": receipt.Renewed,
		"gone": receipt.Unheard, "moved": receipt.Left, "robbed": receipt.Lost}
	if diff := cmp.Diff(want, fates); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"here", "same", "swapped", "late"}, c.Holders()); diff != "" || c.Page != "Home" {
		t.Error(c.Page, diff)
	}
	if _, err := office.Issue(t.Context(), wiki.HashOf(nil)); err == nil {
		t.Error("a receipt for what nobody holds")
	}
}

func FuzzParse(f *testing.F) {
	text := example(f).String()
	f.Add(text)
	f.Add("> " + strings.ReplaceAll(text, "\n", "\r\n> "))
	f.Add(text[:200])
	f.Fuzz(func(t *testing.T, text string) {
		r, err := receipt.Parse(text)
		if err != nil {
			if _, told := err.(receipt.Refusal); !told {
				t.Errorf("refused without a sentence: %v", err)
			}
			return
		}
		again, err := receipt.Parse(r.String())
		if diff := cmp.Diff(r, again); diff != "" || err != nil {
			t.Error(err, diff)
		}
	})
}
