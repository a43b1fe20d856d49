// Package loopback is a vip.Link for boxes that are processes on one machine.
// It needs no root and no interface: adverts travel as UDP datagrams between
// the boxes' own loopback addresses, and to hold the shared address is to
// listen on it, so that it really moves from process to process.
//
// It owns the UDP socket, the TCP listener on the shared address and the
// decision whose datagrams count. A datagram is one 36-byte frame of package
// carp; it counts if it comes from the very address and port of a peer and its
// digest is right. Everything else that arrives is counted and ignored. There
// is no TTL to check, since nothing beyond this machine can send here.
//
// Two things differ from a LAN. The kernel lets only one process listen, so
// the address has one holder even while two boxes believe they are master, and
// a box that takes over too early is refused instead of splitting the group;
// the election tries again until the holder has let go. And nobody needs to be
// told where the address lives, so Announce does nothing.
//
// Ordinary processes on a busy machine are not scheduled within milliseconds,
// and a collection of garbage must not move the address. So Election gives
// adverts every 100 milliseconds, and a death is believed after three.
package loopback
