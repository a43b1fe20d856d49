// Package mirror keeps one space's set on two disks of one box and is a single
// wiki.Store to everybody else: one disk that fails, hangs, rots or is pulled
// out costs no read and no write.
//
// # Shape
//
// Each disk has a whole store of its own, with its own identity and numbering:
// either disk alone is a wiki. Copying between them is the same union that keeps
// boxes equal, compare the digest trees and take what is missing, but by calls
// instead of HTTP: between two disks of one process there is no distance that
// receipts, heartbeats and JSON would have to bridge, and a save must not pay
// for them. A mirror of the files below one store was set aside: it would copy a
// torn write or a wrong truncation to the good disk faithfully.
//
// # Promises
//
// A save goes to both disks at once. It returns when both have it, or one has it
// and the other failed or did not keep Patience; that one is then behind, nobody
// waits for it, and what it lacks is copied to it until both are equal. To peers
// and people a box is one copy whatever its disks are: this package sits below
// the exchange between boxes and gives out no receipts.
//
// One disk leads: its identity and numbers are those the rest of the box and its
// peers see. When it fails or hangs, the other leads if it is equal. For peers
// that is as if the box had got a new disk: marks and receipts name the store,
// so what was said of the old one is not believed of the new one. A disk that
// lacks something never leads while the box runs.
//
// A revision that does not read is read from the other disk, and written anew.
// A blank disk in a replaced one's place is filled in the order of the other's
// feed; Disks tells how far.
package mirror
