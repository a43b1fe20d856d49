package wiki

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
)

// Erasure is the body of an erase record: a keeper's signed demand that every
// box drop the bodies of the named revisions, refuse them for ever and answer
// 410. IDs, ancestry and digests stand. The record itself is a revision of the
// page it concerns, so the one mechanism that copies edits copies it too.
//
// On the wire the body has the members erases (the IDs, ascending), key (the
// keeper's ed25519 public key, hex) and signature (hex, over the canonical
// bytes of the body without signature, after the line "argss erase 1").
type Erasure struct {
	Erases    []ID
	Key       ed25519.PublicKey
	Signature []byte

	signed []byte // what the signature covers, when parsed
}

const erasureContext = "argss erase 1\n"

// MaxErases bounds the revisions one record names.
const MaxErases = 1024

// SignErasure returns the body of an erase record signed with a keeper's key.
func SignErasure(key ed25519.PrivateKey, comment string, ids ...ID) Body {
	e := &Erasure{
		Erases: SortIDs(slices.Clone(ids)),
		Key:    key.Public().(ed25519.PublicKey),
	}
	body := Body{Comment: comment, Erasure: e}
	unsigned := body.node(Erase)
	e.Signature = ed25519.Sign(key, unsigned.append([]byte(erasureContext)))
	return body
}

func (e *Erasure) members() []member {
	ids := node{kind: nodeArray}
	for _, id := range e.Erases {
		ids.items = append(ids.items, stringNode(id.String()))
	}
	m := []member{{"erases", ids}, {"key", stringNode(hex.EncodeToString(e.Key))}}
	if e.Signature != nil {
		m = append(m, member{"signature", stringNode(hex.EncodeToString(e.Signature))})
	}
	return m
}

func parseErasure(n *node) (*Erasure, error) {
	ids, err := n.hashes("erases")
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 || len(ids) > MaxErases || !slices.IsSortedFunc(ids, ID.Compare) {
		return nil, fmt.Errorf("erases is an ascending list of 1 to %d revisions", MaxErases)
	}
	e := &Erasure{Erases: ids}
	if e.Key, err = n.hexBytes("key", ed25519.PublicKeySize); err != nil {
		return nil, err
	}
	if e.Signature, err = n.hexBytes("signature", ed25519.SignatureSize); err != nil {
		return nil, err
	}
	unsigned := node{kind: nodeObject, members: slices.DeleteFunc(slices.Clone(n.members), func(m member) bool {
		return m.name == "signature"
	})}
	e.signed = unsigned.append([]byte(erasureContext))
	if !ed25519.Verify(e.Key, e.signed, e.Signature) {
		return nil, errors.New("the signature does not fit")
	}
	return e, nil
}

func (n *node) hexBytes(name string, size int) ([]byte, error) {
	s, err := n.str(name)
	if err != nil {
		return nil, err
	}
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != size {
		return nil, fmt.Errorf("%s is not %d bytes in hexadecimal", name, size)
	}
	return b, nil
}

// erases tells whether the record r drops the body of the revision target.
func (r *Revision) erases(target *Revision) error {
	if r.Header.Kind != Erase || r.Body == nil || r.Body.Erasure == nil {
		return errors.New("erased by something that is no erase record")
	}
	if _, ok := slices.BinarySearchFunc(r.Body.Erasure.Erases, target.ID, ID.Compare); !ok {
		return errors.New("erased by a record that names other revisions")
	}
	return nil
}
