// Package page owns the rules of reading and saving one page of a space: what
// a save is based on, when it is stale, when a resent request is the same
// save, when two texts are merged, and who has a copy before it is answered.
//
// It promises that a save never overwrites what its writer has not seen: the
// new revision follows every head of the view it was based on, and where the
// base is stale the save is merged cleanly on request or refused with what
// stands there now. A save that carries a token can be sent any number of
// times, to any box, and is one save.
package page
