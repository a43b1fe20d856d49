// Package images will own the firmware: reproducible gokrazy images for each
// board, and the bench that boots them as twins under QEMU.
//
// Nothing of it is there yet; README lists it under "Not there yet".
package images
