package carp

import (
	"crypto/hmac"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/argss/argss/vip"
)

// Size is the length of every frame in bytes.
const Size = 36

const (
	versionAndType = 0x21
	authLength     = 7

	checksumAt = 6
	counterAt  = 8
	digestAt   = 16
)

// What Parse finds wrong, in the order in which it looks.
var (
	ErrLength   = errors.New("not 36 bytes")
	ErrVersion  = errors.New("not a version 2 advertisement")
	ErrChecksum = errors.New("checksum does not match")
	ErrVHID     = errors.New("vhid 0 is not a group")
	ErrDigest   = errors.New("digest does not match: another passphrase or other addresses")
)

// Packet is one frame's content.
type Packet struct {
	vip.Advert
	Counter uint64 // OpenBSD: constant per sender; others: one more each time
}

// Append adds the frame of p to b and returns the longer slice.
func (k *Key) Append(b []byte, p Packet) []byte {
	at := len(b)
	b = append(b, versionAndType, p.VHID, p.Skew, authLength, p.Demotion, p.Base, 0, 0)
	b = binary.BigEndian.AppendUint64(b, p.Counter)
	b = append(b, k.digest(k.sent, p.VHID, b[at+counterAt:at+digestAt])...)
	frame := b[at:]
	binary.BigEndian.PutUint16(frame[checksumAt:], checksum(frame))
	return b
}

// Parse reads one frame and verifies it. The error is, or wraps, one of this
// package's. It keeps no part of the frame.
func (k *Key) Parse(frame []byte) (Packet, error) {
	switch {
	case len(frame) != Size:
		return Packet{}, fmt.Errorf("%w but %d", ErrLength, len(frame))
	case frame[0] != versionAndType || frame[3] != authLength:
		return Packet{}, ErrVersion
	case checksum(frame) != binary.BigEndian.Uint16(frame[checksumAt:]):
		return Packet{}, ErrChecksum
	case frame[1] == 0:
		return Packet{}, ErrVHID
	case !k.signed(frame):
		return Packet{}, ErrDigest
	}
	return Packet{
		Advert:  vip.Advert{VHID: frame[1], Skew: frame[2], Demotion: frame[4], Base: frame[5]},
		Counter: binary.BigEndian.Uint64(frame[counterAt:]),
	}, nil
}

// signed compares in constant time, or a neighbour could find a digest byte by
// byte from our answers' timing.
func (k *Key) signed(frame []byte) bool {
	for _, addresses := range k.accepted {
		want := k.digest(addresses, frame[1], frame[counterAt:digestAt])
		if hmac.Equal(want, frame[digestAt:]) {
			return true
		}
	}
	return false
}

// checksum is the Internet checksum of a frame with its checksum field 0.
func checksum(frame []byte) uint16 {
	var sum uint32
	for i := 0; i < Size; i += 2 {
		if i != checksumAt {
			sum += uint32(binary.BigEndian.Uint16(frame[i:]))
		}
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
