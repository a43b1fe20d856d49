// Package drain lets the clients of a shared address go before the address
// moves on purpose. It owns nothing; it asks the kernel who is still connected,
// and tells it to let nobody else begin.
//
// A box that takes the address knows nothing of connections that another box
// accepted, and resets them. So there must be a moment at which none is open.
// Closing the listener would not give one: whoever comes then is refused.
// Instead the kernel leaves the first packet of a connection unanswered, the
// client's kernel sends it again after a second, and by then another box
// answers. No request fails; a few that began within these milliseconds are late.
package drain
