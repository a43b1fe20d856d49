package vip

// Input is one thing that happened to a machine. The set is closed: Heard,
// LinkUp, LinkDown, Tick, Demote, Taken, TakeFailed, Sent, SendFailed, Stop.
type Input interface{ input() }

// LinkUp says that adverts can be sent and heard. A new machine waits for the
// first one. A master that gets another one announces itself again, since the
// switch behind a returned link has forgotten where the address lives.
type LinkUp struct{}

// LinkDown says that nobody can be reached. The address is dropped at once: a
// master that nobody hears is about to be replaced, and must not still hold
// the address when its cable comes back.
type LinkDown struct{}

// Tick says that the deadline has come. A tick that comes early changes
// nothing. Every advert already received must be given to the machine first,
// or a box that was slow to listen accuses its peer of being silent.
type Tick struct{}

// Demote replaces the owner's verdict on the health of this box: 0 is
// healthy, 255 the worst.
type Demote struct{ To uint8 }

// Taken answers the effect Take: this box now holds the address.
type Taken struct{}

// TakeFailed answers the effect Take: the address could not be had, for
// example because another process still holds it. The machine tries again.
type TakeFailed struct{}

// Sent answers the effect Advertise: the advert left this box.
type Sent struct{}

// SendFailed answers the effect Advertise: the advert did not leave this box.
// Three in a row demote it.
type SendFailed struct{}

// Stop says that this box leaves in good order. The machine drops the address
// and then, if it was master, bows out. It starts again with a LinkUp.
type Stop struct{}

func (Heard) input()      {}
func (LinkUp) input()     {}
func (LinkDown) input()   {}
func (Tick) input()       {}
func (Demote) input()     {}
func (Taken) input()      {}
func (TakeFailed) input() {}
func (Sent) input()       {}
func (SendFailed) input() {}
func (Stop) input()       {}
