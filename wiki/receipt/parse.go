package receipt

import (
	"crypto/ed25519"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/argss/argss/wiki"
)

// Refusal says why a text is refused as a receipt: one sentence for whoever
// brought it.
type Refusal string

func (r Refusal) Error() string { return string(r) }

// The refusals.
const (
	ErrNone    Refusal = "There is no receipt in this text; it begins with the line “" + begin + "”."
	ErrCut     Refusal = "The receipt is cut off; bring all of it, up to the line “" + end + "”."
	ErrTwo     Refusal = "There is more than one receipt in this text; bring one at a time."
	ErrNewer   Refusal = "The receipt was written by a newer version of the software, which must check it."
	ErrDamaged Refusal = "The receipt is damaged: something in it was changed, lost or added."
	ErrAltered Refusal = "The receipt is not what was signed: it was altered or made up."
	ErrForeign Refusal = "The receipt was signed by another wiki, or before these boxes were paired anew."
)

// MaxText bounds the text in which a receipt is looked for.
const MaxText = 64 << 10

// Parse reads the one receipt in a text and checks that its own key signed it.
// Whose that key is, it cannot know. An error is a
// Refusal.
func Parse(text string) (Receipt, error) {
	words, err := wordsOf(text[:min(len(text), MaxText)])
	if err != nil {
		return Receipt{}, err
	}
	w := reader{words: words}
	if w.after("version"); !w.broken && w.last != version {
		return Receipt{}, ErrNewer
	}
	r, ok := w.receipt()
	switch {
	case !ok || r.check() != nil:
		return Receipt{}, ErrDamaged
	case !r.Genuine():
		return Receipt{}, ErrAltered
	}
	return r, nil
}

// ParseFrom is Parse for receipts signed with one key.
func ParseFrom(key ed25519.PublicKey, text string) (Receipt, error) {
	r, err := Parse(text)
	if err == nil && !key.Equal(r.Key) {
		err = ErrForeign
	}
	return r, err
}

// wordsOf returns the words between the first and the last line of the receipt.
func wordsOf(text string) (words []string, err error) {
	inside, ended := false, false
	for line := range strings.Lines(text) {
		line = unquoted(line)
		switch {
		case line == begin && (inside || ended):
			return nil, ErrTwo
		case line == begin:
			inside = true
		case line == end && inside:
			inside, ended = false, true
		case inside:
			words = append(words, strings.Fields(line)...)
		}
	}
	switch {
	case inside:
		return nil, ErrCut
	case !ended && strings.Contains(text, end):
		return nil, ErrCut
	case !ended:
		return nil, ErrNone
	}
	return words, nil
}

// unquoted takes away what mail programs put in front of a line.
func unquoted(line string) string {
	return strings.TrimSpace(strings.TrimLeft(line, "> \t"))
}

// reader takes words off a list; once one is not what it should be, it gives
// no more.
type reader struct {
	words  []string
	last   string // the word taken last
	broken bool
}

func (w *reader) next() string {
	if w.broken || len(w.words) == 0 {
		w.broken = true
		return ""
	}
	w.last, w.words = w.words[0], w.words[1:]
	return w.last
}

// after takes a label and the word behind it.
func (w *reader) after(label string) string {
	if w.next() != label {
		w.broken = true
	}
	return w.next()
}

// hash reads 64 hexadecimal digits.
func (w *reader) hash(text string) wiki.Hash {
	h, err := wiki.ParseHash(text)
	w.broken = w.broken || err != nil
	return h
}

func (w *reader) receipt() (r Receipt, ok bool) {
	r.Space = w.after("space")
	r.Revision = w.hash(w.after("revision"))
	r.Time = w.time(w.after("time"))
	for !w.broken && len(w.words) > 0 && w.words[0] == "copy" && len(r.Copies) <= MaxCopies {
		r.Copies = append(r.Copies, wiki.Receipt{Box: w.after("copy"), Store: wiki.Identity(w.next()), Seq: w.seq(w.next())})
	}
	key := w.hash(w.after("key"))
	first, second := w.hash(w.after("signature")), w.hash(w.next())
	r.Key, r.Signature = key[:], append(first[:], second[:]...)
	return r, !w.broken && len(w.words) == 0
}

// time accepts the one spelling that is signed.
func (w *reader) time(text string) time.Time {
	t, err := time.Parse(stamp, text)
	w.broken = w.broken || err != nil || t.Format(stamp) != text
	return t
}

func (w *reader) seq(text string) wiki.Seq {
	n, err := strconv.ParseUint(text, 10, 63)
	w.broken = w.broken || err != nil || strconv.FormatUint(n, 10) != text
	return wiki.Seq(n)
}

// Fingerprint returns the first digits of a key, enough for people to compare.
func Fingerprint(key ed25519.PublicKey) string { return hex.EncodeToString(key)[:16] }
