// Package diskstest holds disks to test with: recordings of real and constructed
// ones, and a fake that answers commands as a disk would.
//
// A recording is a JSON file that names its origin. What the disk said is kept
// in the form of smartctl --json, reduced to the members that are read here, or
// as a tree of sysfs files; the past and what file system and kernel said stand
// beside it, and so does the verdict that is expected.
package diskstest
