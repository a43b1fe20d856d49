package vip

// Link is the network of one group as one box sees it: the wire below an
// agent. Package viptest holds a complete one in memory and the conformance
// suite that every link passes.
//
// Only one goroutine calls Send, Take, Drop and Announce. None of them may
// block for longer than a small part of an interval.
type Link interface {
	// Inputs carries what the network tells the machine, in order: LinkUp,
	// LinkDown and Heard, nothing else. The first is a LinkUp once the link
	// works. The link verifies adverts before it passes them on, never delivers
	// this box's own, and throws away rather than blocks when nobody reads. The
	// channel is closed when the link is gone for good.
	Inputs() <-chan Input
	// Send sends an advert to all other boxes of the group. That a box does not
	// listen is not an error.
	Send(Advert) error
	// Take makes this box hold the shared address. Taking it twice is taking it
	// once. An error means that this box does not hold it.
	Take() error
	// Drop gives the address up, and is nothing if this box does not hold it.
	// When it returns another box can take it.
	Drop() error
	// Announce tells the neighbours that the address lives here.
	Announce() error
}

// Drainer is a link with a queue of its own below its Inputs, such as the
// kernel's buffer of a socket. The agent drains it before it believes that
// nobody spoke.
type Drainer interface {
	// Drain returns when everything that had arrived before the call is in
	// Inputs, or after a short time if that cannot be found out.
	Drain()
}
