// Package nbd serves a disk of the bench to QEMU: the fixed newstyle handshake
// and the simple replies of the NBD protocol (doc/proto.md of its reference
// implementation), over any stream.
//
// It owns the wire. There is one export; whatever name a client asks for, it is
// that. Flush, FUA, trim and write-zeroes are offered, structured replies and
// TLS refused. Requests are performed in the order they come, each taking at
// least the disk's delay. What a client may send is bounded, and a client that
// breaks the protocol loses its connection and nothing else.
package nbd
