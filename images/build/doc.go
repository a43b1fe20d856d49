// Package build makes whole images: it builds the programs, takes kernels and
// firmware from their modules, has package pack write the disk, and writes the
// bill of materials beside it.
//
// For a board NAME it leaves in the output folder
//
//	argss-NAME.img           the disk
//	argss-NAME.root          the root file system, as an update carries it
//	argss-NAME.kernel        the kernel, likewise
//	argss-NAME.cmdline       its command line for slot a, to boot without a loader
//	argss-NAME.sbom.json     CycloneDX 1.5: every module, kernel and loader, and the hashes of the files above
//
// It promises the same bytes from the same sources, version and time in any
// folder. Everything comes from go.mod and from package loader; nothing of the
// building machine but the Go toolchain is used.
package build
