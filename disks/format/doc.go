// Package format prepares disks: it says what is on one, makes a blank one ready
// for a wiki, and gives the data partition of a box's own disk all the room
// behind it.
//
// It promises never to write to a disk that holds anything but what it wrote
// itself. A disk is blank when every byte read is zero: all of a small disk; of
// a large one its first and last 16 MiB, the places where file systems keep
// their copies, and a thousand samples spread over the rest. A disk that cannot
// be read is not blank. Whether a blank disk may be taken is the owner's to say.
//
// A prepared disk has a GPT with one partition, named argss-data, from 1 MiB to
// the last full MiB, with an ext4 file system (package ext4) labelled
// argss-data.
//
// # Power cuts
//
// The first thing written, and synced, is a marker in the first sector of the
// partition (bytes that ext4 leaves to boot loaders):
//
//	ARGSS-FORMAT-1
//	id=32 hex digits
//	time=seconds since 1970
//	size=bytes of the disk
//	sector=512 or 4096
//	sum=8 hex digits, CRC-32 (IEEE) of the lines above
//
// padded with zeros. Everything that follows is a function of these lines, so a
// disk with a marker is recognised as half prepared, and prepared again, if each
// of its sectors is zero or what would be written there, and as holding
// something else if not. The marker is removed, and that synced, after all else
// is on the disk and has been read back; what it stood on is then ours.
package format
