package intake

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Manifest says what a release is.
type Manifest struct {
	Version string `json:"version"` // in words, for people
	Options string `json:"options"` // kernel's command line without root=
	Root    Part   `json:"root"`
	Kernel  Part   `json:"kernel"`
}

// Part is one of the two things in a release.
type Part struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"` // hex
}

// Most of what is taken.
const (
	maxManifest = 8 << 10
	maxPart     = 256 << 20 // as large as a slot's partition
)

// PartOf reads through a part.
func PartOf(r io.Reader) (Part, error) {
	sum := sha256.New()
	n, err := io.Copy(sum, r)
	return Part{n, hex.EncodeToString(sum.Sum(nil))}, err
}

// Line is the manifest as it is sent and signed.
func (m Manifest) Line() ([]byte, error) { return json.Marshal(m) }

func parseManifest(line []byte) (Manifest, error) {
	var m Manifest
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return m, fmt.Errorf("read the manifest: %w", err)
	}
	if dec.More() {
		return m, errors.New("read the manifest: there is more on its line")
	}
	for _, p := range []Part{m.Root, m.Kernel} {
		if _, err := p.sum(); err != nil || p.Size <= 0 || p.Size > maxPart {
			return m, fmt.Errorf("read the manifest: a part has no usable size or hash: %+v", p)
		}
	}
	for _, r := range m.Options {
		if r < ' ' || r > '~' {
			return m, errors.New("read the manifest: the options are not one line of plain text")
		}
	}
	if strings.Contains(" "+m.Options, " root=") || strings.Contains(" "+m.Options, " argss.s") {
		return m, errors.New("read the manifest: the options name a root, a slot or settings, and only the box knows those")
	}
	return m, nil
}

func (p Part) sum() (sum [sha256.Size]byte, err error) {
	b, err := hex.DecodeString(p.SHA256)
	if err != nil || len(b) != len(sum) {
		return sum, errors.New("not a hash")
	}
	return [sha256.Size]byte(b), nil
}

// Authorization is the header that lets a manifest in.
func Authorization(secret, nonce string, line []byte) string {
	key := hmac.New(sha256.New, []byte(secret))
	key.Write([]byte("argss update 1"))
	mac := hmac.New(sha256.New, key.Sum(nil))
	mac.Write([]byte(nonce + "\n"))
	mac.Write(line)
	return "ARGSS " + hex.EncodeToString(mac.Sum(nil))
}
