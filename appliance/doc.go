// Package appliance is the roof: it wires the domains into one box. A Box is a
// value made from the owner's settings and from parts (network, disk, clock,
// randomness), so production, end-to-end tests and simulation run the same
// box; only the parts differ.
//
// Health meets the shared address here and nowhere else: a small pure function
// turns the verdicts of the domains into a CARP demotion.
package appliance
