// Package images is the heart of the firmware: which boards there are, how
// their disks are laid out, and which pinned parts an image is made of. Its
// subpackages make the image (pack, build) and carry the boot loader (loader).
//
// # The disk
//
// A disk has a GUID partition table. On a board with UEFI it is
//
//	1 boot    FAT32, 512 MiB    \EFI\BOOT\BOOT*.EFI   systemd-boot
//	                            \loader\entries\      what may be booted, in which order
//	                            \slot-a, \slot-b      kernels
//	                            \argss.json           first settings, if somebody put them there
//	2 root-a  squashfs, 256 MiB
//	3 root-b  squashfs, 256 MiB
//	4 data    the rest          ext4, made and grown at the first boot, seen as /perm
//
// A kernel and its root are one slot and change together; package fleet/slot
// says how. A Raspberry Pi chooses between whole boot partitions, so there a
// slot is a boot partition and a root:
//
//	1 choose  FAT32, 64 MiB     \autoboot.txt
//	2 boot-a  FAT32, 256 MiB    firmware, kernel, cmdline.txt
//	3 boot-b  FAT32, 256 MiB
//	4 root-a, 5 root-b, 6 data
//
// The root is squashfs without compression: a changed byte in a program is a
// changed block in the image, so an update is small. It is read-only for good;
// everything a box remembers is under /perm.
//
// GUIDs are the same on every disk, so that an image is the same bytes wherever
// it is built. Programs on the box find their own disk by what is mounted, not
// by GUID.
package images
