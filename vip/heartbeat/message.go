package heartbeat

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"github.com/argss/argss/vip"
)

// Size is the length of every message in bytes.
const Size = bodySize + sha256.Size

const (
	magic    = "AVH1"
	bodySize = 76
)

// What Parse finds wrong.
var (
	ErrFormat = errors.New("not a heartbeat of this version")
	ErrMAC    = errors.New("authentication does not match: another passphrase, or forged")
)

// Message is the content of one heartbeat.
type Message struct {
	State     vip.State
	Advert    vip.Advert // VHID always; the rest only from a master
	From, To  netip.Addr // without zones
	Session   uint64
	Counter   uint64
	Challenge uint64
	Echo      uint64
}

// Key authenticates messages. It does not change and may be used by several
// goroutines.
type Key struct{ secret []byte }

// NewKey derives a key from the group's passphrase, the same that CARP uses.
func NewKey(passphrase string) (*Key, error) {
	if passphrase == "" {
		return nil, errors.New("empty passphrase")
	}
	secret, err := hkdf.Key(sha256.New, []byte(passphrase), nil, "shared address heartbeat 1", sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("derive heartbeat key: %w", err)
	}
	return &Key{secret: secret}, nil
}

// Append adds m to b and returns the longer slice.
func (k *Key) Append(b []byte, m Message) []byte {
	at := len(b)
	b = append(b, magic...)
	b = append(b, m.Advert.VHID, byte(m.State), m.Advert.Base, m.Advert.Skew, m.Advert.Demotion, 0, 0, 0)
	from, to := m.From.As16(), m.To.As16()
	b = append(b, from[:]...)
	b = append(b, to[:]...)
	for _, n := range [...]uint64{m.Session, m.Counter, m.Challenge, m.Echo} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return append(b, k.mac(b[at:])...)
}

// Parse reads one message and verifies it. The error is one of this package's.
func (k *Key) Parse(b []byte) (Message, error) {
	if len(b) != Size || string(b[:4]) != magic || b[5] > byte(vip.Master) || b[9]|b[10]|b[11] != 0 {
		return Message{}, ErrFormat
	}
	if !hmac.Equal(k.mac(b[:bodySize]), b[bodySize:]) {
		return Message{}, ErrMAC
	}
	number := func(at int) uint64 { return binary.BigEndian.Uint64(b[at:]) }
	return Message{
		State:     vip.State(b[5]),
		Advert:    vip.Advert{VHID: b[4], Base: b[6], Skew: b[7], Demotion: b[8]},
		From:      netip.AddrFrom16([16]byte(b[12:28])).Unmap(),
		To:        netip.AddrFrom16([16]byte(b[28:44])).Unmap(),
		Session:   number(44),
		Counter:   number(52),
		Challenge: number(60),
		Echo:      number(68),
	}, nil
}

func (k *Key) mac(body []byte) []byte {
	mac := hmac.New(sha256.New, k.secret)
	mac.Write(body)
	return mac.Sum(nil)
}
