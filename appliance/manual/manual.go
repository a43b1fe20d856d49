// Package manual owns the project's own manual: Markdown pages that are the
// first content of a new wiki. They are written for the people who will look
// after a wiki and for those who write programs against it, and they promise
// only what the tests prove.
//
// A file pages/A/B.md is the page A/B. Pages link to each other by their full
// names in double brackets; a test follows every link.
package manual

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed pages
var pages embed.FS

// FS returns the manual as a folder to import.
func FS() fs.FS {
	folder, err := fs.Sub(pages, "pages")
	if err != nil {
		panic(fmt.Sprintf("manual: the embedded folder is gone: %v", err))
	}
	return folder
}
