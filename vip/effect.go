package vip

import "strconv"

// Effect is one thing the machine wants done. Effects are performed in the
// order given.
type Effect struct {
	Kind   Kind
	Advert Advert // what to send; only with Advertise
}

// Kind says what an effect does.
type Kind uint8

const (
	// Advertise sends the advert to all; answer with Sent or SendFailed.
	Advertise Kind = iota
	// Take makes this box own the address; answer with Taken or TakeFailed.
	Take
	// Drop gives the address up. It must not fail for long: whatever else is
	// wrong, two boxes must not answer for one address.
	Drop
	// Announce tells the neighbours where the address lives now (gratuitous
	// ARP and its IPv6 kin). It is repeated with the next adverts, so that a
	// lost one is not a lost client.
	Announce
)

func (k Kind) String() string {
	names := [...]string{"advertise", "take", "drop", "announce"}
	if int(k) < len(names) {
		return names[k]
	}
	return "effect " + strconv.Itoa(int(k))
}
