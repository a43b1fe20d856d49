// Package network is the network of the bench: Ethernet switches, cables and
// lines in this process, to which QEMU's boxes and kernels of Linux are joined.
//
// It owns every frame between boxes, so that a test can cut, delay, shape and
// record what no real cable would let it. A Switch learns addresses as switches
// do, and forgets them when a cable is pulled. A Cable joins something to a
// switch and loses, delays or shapes frames, each way for itself. QEMU joins by
// -netdev stream over a unix socket: four bytes of length, most significant
// first, and the frame. A Station is a network namespace with a kernel of its
// own rights: a person's laptop and the router of a city, so a takeover is
// noticed as in life, by ARP. It needs root.
//
// Queues are bounded; a full one drops frames, as networks do.
package network
