// Package heartbeat is what our own boxes say to each other beside CARP. It
// owns the message, its authentication and the rules that keep an old message
// from being believed again. It opens no socket and reads no clock.
//
// CARP's digest covers neither base, skew nor demotion, and nobody checks its
// counter, so whoever records one frame can send it again with another rank.
// Here the whole message is authenticated, and each is believed once. Of two
// boxes that speak it, neither listens to CARP frames in the other's name.
//
// A message is 108 bytes in a UDP datagram from box to box:
//
//	 0  "AVH1"
//	 4  vhid
//	 5  state of the sender: 0 init, 1 backup, 2 master
//	 6  base, skew, demotion: as in CARP, one byte each; 0 unless master
//	 9  three bytes 0
//	12  sender's address, 16 bytes; IPv4 in IPv6 notation
//	28  receiver's address, 16 bytes
//	44  session: a random number that the sender drew when it started
//	52  counter: one more with every message of the session
//	60  challenge: a random number the receiver must echo to begin a session
//	68  echo: the receiver's latest challenge that the sender knows
//	76  HMAC-SHA256 of the 76 bytes before
//
// Numbers are 64 bits, big endian. The key is derived from the group's
// passphrase with HKDF. A short passphrase can be guessed by whoever records
// CARP or these messages; the installer draws a random one.
//
// A receiver believes a message of the session it knows if its counter is
// higher than the last. It believes another session only if the message echoes
// the receiver's challenge, and then draws a new challenge. So nothing recorded
// before either box restarted is believed after, though neither keeps a file:
// old sessions echo old challenges.
//
// What it does not promise: whoever can stop messages can make the boxes deaf
// to each other, as by cutting the cable.
package heartbeat
