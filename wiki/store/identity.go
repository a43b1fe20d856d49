package store

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/argss/argss/wiki"
)

const (
	identityFile  = "identity"
	identityTitle = "argss store identity 1"
)

// uuid is a version 4 UUID.
type uuid [16]byte

func newUUID(random io.Reader) (u uuid, err error) {
	if _, err = io.ReadFull(random, u[:]); err != nil {
		return u, fmt.Errorf("draw a store identity: %w", err)
	}
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return u, nil
}

func (u uuid) String() string {
	h := hex.EncodeToString(u[:])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

func parseUUID(s string) (u uuid, err error) {
	b, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	if err != nil || len(b) != len(u) || uuid(b).String() != s {
		return u, fmt.Errorf("%.40q is not a UUID", s)
	}
	return uuid(b), nil
}

// identities are a store's names, the present one first.
type identities []uuid

func (ids identities) identity() wiki.Identity { return wiki.Identity(ids[0].String()) }

func (ids identities) text() string {
	var b strings.Builder
	b.WriteString(identityTitle + "\n")
	for _, u := range ids {
		b.WriteString(u.String() + "\n")
	}
	return fmt.Sprintf("%scrc %08x\n", b.String(), checksum([]byte(b.String())))
}

var errIdentity = errors.New("the identity file is damaged")

func parseIdentities(text string) (identities, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] != identityTitle {
		return nil, errIdentity
	}
	var ids identities
	for _, line := range lines[1 : len(lines)-2] {
		u, err := parseUUID(line)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errIdentity, err)
		}
		ids = append(ids, u)
	}
	if ids.text() != text {
		return nil, errIdentity
	}
	return ids, nil
}

// maxIdentities bounds the file: a store that was restored more often forgets
// the oldest.
const maxIdentities = 64

// renewed returns the names with a fresh one in front.
func (ids identities) renewed(random io.Reader) (identities, error) {
	u, err := newUUID(random)
	if err != nil {
		return nil, err
	}
	ids = slices.Concat(identities{u}, ids)
	return ids[:min(len(ids), maxIdentities)], nil
}

// readIdentities returns errIdentity for a file that is there and cannot be
// used, and nothing for one that is not there.
func readIdentities(files wiki.Files) (identities, error) {
	names, err := files.List(".")
	if err != nil {
		return nil, fmt.Errorf("read identity: %w", err)
	}
	if !slices.Contains(names, identityFile) {
		return nil, nil
	}
	file, err := files.Open(identityFile, false)
	if err != nil {
		return nil, fmt.Errorf("read identity: %w", err)
	}
	defer file.Close()
	b := make([]byte, 64<<10)
	n, err := file.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: %w", errIdentity, err)
	}
	return parseIdentities(string(b[:n]))
}

// write makes the names durable.
func (ids identities) write(files wiki.Files) error {
	if err := replaceFile(files, identityFile, []byte(ids.text())); err != nil {
		return fmt.Errorf("write identity: %w", err)
	}
	return nil
}

// replaceFile puts a small file in place, durably: its old or its new content
// is found after a crash. The name has no folder.
func replaceFile(files wiki.Files, name string, content []byte) error {
	file, err := files.Open(name+".tmp", true)
	if err != nil {
		return err
	}
	defer file.Close()
	if err = file.Truncate(0); err != nil {
		return err
	}
	if _, err = file.WriteAt(content, 0); err != nil {
		return err
	}
	if err = file.Sync(); err != nil {
		return err
	}
	if err = files.Rename(name+".tmp", name); err != nil {
		return err
	}
	return files.SyncDir(".")
}
