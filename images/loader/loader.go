// Package loader carries the boot loader of images for UEFI: systemd-boot
// 252.39-1~deb12u2, the two files as Debian's package systemd-boot-efi has them
// for amd64 and arm64. No Go module has them, and an image must be the same
// bytes whoever builds it, so they are kept here. They are systemd's, under the
// GNU Lesser General Public License 2.1 or later; their source is Debian's
// source package of that version.
package loader

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
)

// Version is that of Debian's package, for bills of materials.
const Version = "252.39-1~deb12u2"

//go:embed systemd-bootx64.efi
var x64 []byte

//go:embed systemd-bootaa64.efi
var aa64 []byte

var sums = map[string]string{
	"amd64": "10288fece5e90ce3ba3e7160f49695b022d648f7ef41774678db8c77774db167",
	"arm64": "e11ba35ebe4f4b78d4569a63fe30b4a9d033ab92b83cda375e645ac76330b49f",
}

// File returns the loader for an architecture and the name under which UEFI
// starts it from a disk that no boot entry names.
func File(arch string) (name string, content []byte, err error) {
	switch arch {
	case "amd64":
		name, content = "EFI/BOOT/BOOTX64.EFI", x64
	case "arm64":
		name, content = "EFI/BOOT/BOOTAA64.EFI", aa64
	default:
		return "", nil, fmt.Errorf("boot loader for %s: there is none", arch)
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != sums[arch] {
		return "", nil, fmt.Errorf("boot loader for %s: not the file that was reviewed", arch)
	}
	return name, content, nil
}
