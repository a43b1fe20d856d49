// Package probe looks at disks: it finds them in sysfs, asks them for their
// health with the commands of their kind, and reads what the kernel says of
// them.
//
// It promises never to wake a sleeping disk: an ATA disk is asked with CHECK
// POWER MODE first, and left alone in standby. It never sends an NVMe command to
// a USB disk, which breaks the transport of some bridges. It sends nothing that
// writes; STANDBY IMMEDIATE and the start of a self-test are separate calls.
//
// Everything above the ioctl runs over a Device and an fs.FS, so that recorded
// bytes and trees test it. github.com/anatol/smart.go does much of this too,
// but over its own file descriptors, so that what it makes of bytes cannot be
// tested without the disk, and it raises the Go version of the whole module.
package probe
