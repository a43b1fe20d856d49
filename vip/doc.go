// Package vip decides which of several boxes holds one shared address.
//
// It owns the CARP election as a pure machine: what was heard, what failed
// and what time it is go in; what to send, take, drop and announce comes out,
// with the moment at which the machine wants to be asked again. The machine
// reads no clock, starts no goroutine, draws no random number and touches no
// network, so every election can be told as a text file (testdata) and
// replayed from a seed. Package agent is the loop that performs the effects,
// package carp knows the bytes, and a Link is the wire: package lan for a real
// network, package loopback for boxes on one machine.
//
// The rules are those of OpenBSD's carp(4), because they are the ones that
// three independent implementations understand:
//
//   - The holder, called master, advertises at a steady interval of base
//     seconds plus skew 256ths of a second. The others, called backups, are
//     silent and take over when they have heard nothing for three intervals.
//   - A shorter interval is better, because it is the only rank that is also a
//     promise: the box that can afford to advertise faster is noticed missing
//     sooner. Equal intervals are decided by the lower source address.
//   - Demotion beats the interval. It says how unwell a box is, and a box that
//     is unwell must lose to any healthy one however fast it talks. A backup
//     with the lower demotion therefore takes over even without preemption.
//   - Without preemption, the default, a better backup leaves a healthy master
//     alone: moving the address costs every client something and gains nobody
//     anything.
//   - A master that says goodbye (base and skew both 255, the bow-out)
//     is replaced at once, since 256 seconds is longer than anyone waits.
//
// To these the machine adds what years of other people's outages ask for, each
// explained where it is done: a surviving master announces itself again, a box
// that overslept doubts itself before it doubts others, a box that changes
// its mind too often becomes patient, and a box that cannot take the address
// steps back for one that can.
//
// The rules promise: once the network is calm, exactly one box is master
// within twenty intervals (or within the patience the owner allows, if that is
// longer), and while it stays calm nothing moves.
// They cannot promise one master while the network is cut in two; then each
// part keeps one, and the first adverts after the cut heals settle it.
package vip
