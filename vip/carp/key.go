package carp

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"errors"
	"fmt"
	"net/netip"
	"slices"
)

// MaxSecret is the longest passphrase in bytes: the BSDs store 20, ucarp 19
// and a zero. Use 19 or fewer beside a ucarp.
const MaxSecret = 20

// Key is what the boxes of a group share: a passphrase and the addresses. It
// does not change and may be used by several goroutines.
type Key struct {
	secret   []byte
	sent     []byte   // the addresses as our digest lists them
	accepted [][]byte // the ways of listing them that others use
}

// NewKey makes a key from the passphrase and all shared addresses of the
// group, in any order; zones and repetitions are ignored. IPv4 addresses in
// IPv6 notation count as IPv4.
func NewKey(secret string, addresses ...netip.Addr) (*Key, error) {
	if len(secret) == 0 || len(secret) > MaxSecret {
		return nil, fmt.Errorf("passphrase of %d bytes: choose 1 to %d", len(secret), MaxSecret)
	}
	if len(addresses) == 0 {
		return nil, errors.New("no shared address")
	}
	for _, a := range addresses {
		if !a.IsValid() {
			return nil, errors.New("a shared address is empty")
		}
	}
	all := list(addresses, func(netip.Addr) bool { return true })
	k := &Key{secret: []byte(secret), sent: all, accepted: [][]byte{all}}
	global := list(addresses, func(a netip.Addr) bool { return !(a.Is6() && a.IsLinkLocalUnicast()) })
	if !bytes.Equal(all, global) {
		k.sent = global
		k.accepted = append(k.accepted, global)
	}
	return k, nil
}

// list writes the addresses as the digest wants them: IPv4 before IPv6, each
// ascending, each once. netip.Addr.Compare orders in just that way.
func list(addresses []netip.Addr, wanted func(netip.Addr) bool) (out []byte) {
	var plain []netip.Addr
	for _, a := range addresses {
		if a = a.Unmap().WithZone(""); wanted(a) {
			plain = append(plain, a)
		}
	}
	slices.SortFunc(plain, netip.Addr.Compare)
	for _, a := range slices.Compact(plain) {
		out = append(out, a.AsSlice()...)
	}
	return out
}

func (k *Key) digest(addresses []byte, vhid uint8, counter []byte) []byte {
	mac := hmac.New(sha1.New, k.secret)
	mac.Write([]byte{versionAndType >> 4, versionAndType & 0xf, vhid})
	mac.Write(addresses)
	mac.Write(counter)
	return mac.Sum(nil)
}
