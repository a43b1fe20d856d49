// Package union copies revisions between the boxes of a wiki: copying is set
// union. It promises that a save is answered once it is durable here and, if
// any peer is alive, on one of them; that all boxes come to hold the same set
// after any weather; and that what it says about copies is never more than is
// true.
//
// An Exchange is one space of one box. It copies by two ways:
//
//   - Push. Publish gives a revision to the own store and to every living peer
//     at once. Saves that come while a push is under way share the next one.
//     The first durable receipt answers; the other peers go on receiving. A
//     peer that misses its deadline (from measured round trips, 250 ms to 1 s)
//     is not waited for again until it answers a push or a heartbeat begun
//     afterwards. Half way it is asked whether it lives: a peer that was heard
//     since is busy and gets the whole second, one that is gone costs one
//     deadline and no more. Shorter waits answered one save in six from one
//     copy where many write on a busy machine. A peer that answers heartbeats
//     while its disk hangs is not waited for until the disk answers.
//   - Pull. Each box follows each peer's feed from a checkpoint and takes what
//     it lacks: pieces of files first, parents before children, so that what
//     is held has both. This is the repair path; it finds little to do.
//
// When a peer comes back, revisions without a second copy go to it first, then
// the feed is followed. Where digests still differ although the feed was read
// to its end, the digest tree is walked to the IDs that are missing, from each
// side by itself; where they differ for ten minutes, it is walked whatever the
// feed says. Equal digests are equal sets, so nothing more is compared by night.
//
// What goes to a peer in the same house goes as it is, what leaves the house is
// packed: zstd takes a quarter of what a save costs both boxes, and a LAN does
// not need it. The owner may bound what a peer's line carries (Peer.Rate). What arrives
// without its parents is kept aside (couch.Orphans) and joins when they come.
//
// # Receipts
//
// For each peer the ledger keeps which of our sequences it holds: what its
// pulls and heartbeats say it holds up to, what pushes were answered, what it
// sent or listed itself. A receipt is about one store of that peer and dies
// with the store's identity. Limp mode is computed from receipts and liveness
// each time it is asked for; there is no flag.
//
// # Rolled-back and cloned disks
//
// A peer repeats the place in our feed up to which it holds everything, and
// the highest it ever heard of. A place that is not in our feed, or another
// box with our identity, means that this disk was restored or cloned: the
// store takes a new identity (Renewer) and everybody compares with it from the
// beginning.
//
// # State
//
// Notes of the store, written every few seconds and at the end; an older one
// only claims less:
//
//	union/checkpoint/<peer store>  {"held":…,"seen":…}, places in the peer's feed
//	union/receipts/<peer box>      {"ours":…,"store":…,"held":[[from,to]…]}, our sequences
//
// "ours" is our latest place at the time of writing: receipts are believed only
// by a store in whose feed that place is.
package union
