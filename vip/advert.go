package vip

import (
	"net/netip"
	"time"
)

// Advert is what a master says about itself: which group it speaks for, how
// often it speaks, and how unwell it is.
type Advert struct {
	VHID     uint8 // the group, 1 to 255; several groups may share a LAN
	Base     uint8 // whole seconds of the interval
	Skew     uint8 // 256ths of a second added to it
	Demotion uint8 // 0 is healthy; OpenBSD carries it, ucarp and FreeBSD send 0
}

// Interval is the time between two adverts. Base 0 is allowed, and gives
// intervals down to a 256th of a second.
func (a Advert) Interval() time.Duration {
	return time.Duration(a.Base)*time.Second + time.Duration(a.Skew)*time.Second/256
}

// BowOut is the goodbye of a master of the group. Its interval is longer than
// any dead time, which every CARP implementation answers by taking over. The
// demotion is the highest there is because an OpenBSD backup with base 0 skips
// the interval rule, and so that no demoted master mistakes a leaver with a
// low demotion for a better box.
func BowOut(vhid uint8) Advert {
	return Advert{VHID: vhid, Base: 255, Skew: 255, Demotion: 255}
}

// IsBowOut reports whether the sender is leaving. Demotion is not looked at:
// others send their ordinary one along.
func (a Advert) IsBowOut() bool { return a.Base == 255 && a.Skew == 255 }

// Better reports whether a box advertising a should hold the address rather
// than a box advertising b, when both think they do.
//
// OpenBSD lets a master yield on an equal advert as well (its comparison is
// "less or equal"), so that two equal masters both let go, both wait and both
// come back; ucarp compares addresses as numbers in the machine's own byte
// order, so that the last octet weighs most on common hardware. Here equals
// are settled by the lower source address in network order: both ends come to
// the same answer from the same two adverts, so exactly one lets go. Beside an
// OpenBSD box of equal rank we may both let go once; give twins different
// skews and the question never arises.
func Better(a, b Heard) bool {
	switch {
	case a.IsBowOut() || b.IsBowOut():
		return !a.IsBowOut() // a leaver never wins, whatever its demotion says
	case a.Demotion != b.Demotion:
		return a.Demotion < b.Demotion
	case a.Interval() != b.Interval():
		return a.Interval() < b.Interval()
	default:
		return a.From.Compare(b.From) < 0
	}
}

// Heard is an input: an advert that arrived, verified, from another box.
type Heard struct {
	Advert
	From netip.Addr // the sender's own, permanent address
}
