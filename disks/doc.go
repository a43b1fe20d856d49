// Package disks is the heart of disk health: it turns what was seen of a disk,
// now and over the months before, into a verdict with reasons, as a pure
// function.
//
// It promises:
//
//   - Every reason is one calm sentence that carries the number and what to do,
//     with a code, a signal and a mark for programs.
//   - Growth outweighs level. The odds of a level are those published for tens
//     of thousands of disks (odds.go); a number that goes on growing multiplies
//     them, one that has stood still for a week halves them.
//   - A number is decoded as its vendor packs it before it is judged, and what
//     points at a cable, the power or the air does not condemn the disk.
//   - Unknown is never good: a disk that cannot be asked, or stopped answering,
//     says so.
//   - What an owner has acknowledged stays quiet until it changes.
//
// It does not promise to foresee a failure: about a quarter of the disks that
// fail give no warning at all. The copy on another box is the answer; a verdict
// only makes the day on which it is needed a quieter one.
package disks
