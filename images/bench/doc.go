// Package bench boots the firmware under QEMU: twins at home, and a third box in
// the other city behind a line that can be cut and shaped.
//
// It owns a World: the boxes (package machine) with disks that lose power as
// real ones do (disk, nbd), the LANs between them, and the person at home who
// asks for pages (network). Its tests are the product's promises, told with real
// images:
//
//	make twins          boots them for a person and prints the addresses
//	make bench          all tests; they need root, QEMU and make image
//	make bench-boot     the time from power to the first page
//
// The network of a World:
//
//	home 10.77.0.0/24   wichita-1 .11, wichita-2 .12, the shared address .100,
//	                    and .1: the person, who is the router of the city as well
//	line 10.77.255.0/30 between the routers
//	city 10.77.1.0/24   tulsa .11, and its router .1
//
// Settings reach a box on the kernel's command line or, where UEFI starts it, in
// argss.json on the boot partition.
package bench
