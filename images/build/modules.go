//go:build modules

// The imports keep kernels and firmware in go.mod, and their hashes in go.sum.
// Nobody builds with this tag: only making an image fetches these modules.
package build

import (
	_ "github.com/gokrazy/firmware"
	_ "github.com/gokrazy/kernel.amd64"
	_ "github.com/gokrazy/kernel.arm64"
	_ "github.com/gokrazy/kernel.rpi"
)
