package receipt

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/argss/argss/wiki"
)

// Receipt says that boxes had a revision on their disks at a time.
type Receipt struct {
	Space     string
	Revision  wiki.ID
	Time      time.Time      // UTC, whole milliseconds
	Copies    []wiki.Receipt // the signing box's first
	Key       ed25519.PublicKey
	Signature []byte
}

// MaxCopies bounds the boxes a receipt names.
const MaxCopies = 64

const (
	begin    = "-----BEGIN ARGSS RECEIPT-----"
	end      = "-----END ARGSS RECEIPT-----"
	version  = "1"
	preamble = "argss receipt " + version + "\n"
	stamp    = "2006-01-02T15:04:05.000Z"
)

// KeyOf returns the key with which all boxes of a pairing sign.
func KeyOf(secret []byte) ed25519.PrivateKey {
	seed, err := hkdf.Key(sha256.New, secret, nil, "argss receipt key 1", ed25519.SeedSize)
	if err != nil {
		panic(fmt.Sprintf("receipt: %v", err)) // the length is a constant that HKDF can give
	}
	return ed25519.NewKeyFromSeed(seed)
}

// Sign returns a receipt for a revision. At least one copy is needed; it says
// so if what it is given could not be read again.
func Sign(key ed25519.PrivateKey, space string, id wiki.ID, now time.Time, copies []wiki.Receipt) (Receipt, error) {
	r := Receipt{
		Space: space, Revision: id, Time: now.UTC().Truncate(time.Millisecond),
		Copies: slices.Clone(copies[:min(len(copies), MaxCopies)]), Key: key.Public().(ed25519.PublicKey),
	}
	if err := r.check(); err != nil {
		return Receipt{}, fmt.Errorf("sign a receipt: %w", err)
	}
	r.Signature = ed25519.Sign(key, r.append([]byte(preamble)))
	return r, nil
}

// Genuine tells whether the signature is that of the receipt's own key.
func (r Receipt) Genuine() bool {
	return ed25519.Verify(r.Key, r.append([]byte(preamble)), r.Signature)
}

// String returns the text.
func (r Receipt) String() string {
	b := append([]byte(begin), '\n')
	b = r.append(b)
	b = append(b, "signature "...)
	b = hex.AppendEncode(b, r.Signature[:len(r.Signature)/2])
	b = append(b, '\n')
	b = hex.AppendEncode(b, r.Signature[len(r.Signature)/2:])
	return string(append(b, "\n"+end+"\n"...))
}

// append writes the lines that are signed.
func (r Receipt) append(b []byte) []byte {
	line := func(words ...string) {
		for i, word := range words {
			if i > 0 {
				b = append(b, ' ')
			}
			b = append(b, word...)
		}
		b = append(b, '\n')
	}
	line("version", version)
	line("space", r.Space)
	line("revision", r.Revision.String())
	line("time", r.Time.Format(stamp))
	for _, c := range r.Copies {
		line("copy", c.Box, string(c.Store), strconv.FormatUint(uint64(c.Seq), 10))
	}
	line("key", hex.EncodeToString(r.Key))
	return b
}

// check tells whether the values have the form a receipt gives them.
func (r Receipt) check() error {
	switch {
	case wiki.CheckSpaceName(r.Space) != nil:
		return wiki.CheckSpaceName(r.Space)
	case r.Time.Year() < 0 || r.Time.Year() > 9999:
		return errors.New("the year does not have four digits")
	case len(r.Copies) == 0 || len(r.Copies) > MaxCopies:
		return fmt.Errorf("a receipt names 1 to %d boxes", MaxCopies)
	}
	for _, c := range r.Copies {
		if !word(c.Box) || !word(string(c.Store)) || c.Seq == 0 {
			return fmt.Errorf("%q, %q, %d are no box, store and sequence", c.Box, c.Store, c.Seq)
		}
	}
	return nil
}

// word accepts what boxes and stores are called: 1 to 64 letters, digits and
// hyphens.
func word(s string) bool {
	for _, c := range []byte(s) {
		if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return len(s) > 0 && len(s) <= 64
}
