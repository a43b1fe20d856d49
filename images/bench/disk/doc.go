// Package disk is the disk of a box on the bench: it forgets what was not
// flushed when the power is pulled, as real disks do and a plain image file does
// not (the page cache of the machine it lies on survives the box).
//
// It owns the bytes of one disk: a base image that is never changed, what was
// flushed over it, and the write cache. It promises:
//
//   - A read sees the newest write. After PowerCut it sees what was flushed, or
//     written with FUA, and any part of the rest: the cut drops, tears and
//     reorders it, sector by sector, as its seed says. The same writes, flushes
//     and seed leave the same bytes.
//   - A lying disk (Lie) answers flushes without performing them. Tests of
//     durability must fail on it, or they prove nothing.
//   - A Recording can be cut after each of its writes, as often as wanted.
//   - Bad sectors fail to be read until they are written; a vanished disk fails
//     everything.
//
// A sector is the unit that is written whole or not at all: 512 or 4096 bytes.
package disk
