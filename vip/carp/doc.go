// Package carp knows the bytes of a CARP advertisement. It owns the frame and
// its keyed digest, and promises that Parse accepts exactly what Append can
// write for one of the known ways of listing the addresses.
//
// The frame is 36 bytes, IP protocol 112, and the same under IPv4 and IPv6:
//
//	 0  version << 4 | type, always 0x21: version 2, advertisement
//	 1  vhid
//	 2  skew, 256ths of a second
//	 3  authlen, always 7: 32-bit words of counter and digest
//	 4  demotion; OpenBSD's, others send 0
//	 5  base, seconds
//	 6  Internet checksum of the 36 bytes with this field 0, no pseudo header
//	 8  counter, 64 bits, big endian
//	16  HMAC-SHA1, 20 bytes
//
// The key of the digest is the passphrase itself, not hashed. The message is,
// without separators: the byte 2 (version), the byte 1 (type), the vhid, the
// shared IPv4 addresses (4 bytes each, ascending, each once), the shared IPv6
// addresses (16 bytes each, ascending, each once), and the 8 bytes of the
// counter. ucarp knows one IPv4 address only. FreeBSD lists link-local IPv6
// addresses with the others; OpenBSD leaves them out of what it sends and
// accepts both, and so do we.
//
// The digest covers neither base, skew nor demotion, and nobody checks the
// counter, so whoever can record a frame can send it again with another rank.
// CARP's authentication keeps neighbours with other passphrases apart. It is
// not a defence against an attacker on the same wire.
package carp
