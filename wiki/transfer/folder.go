package transfer

import (
	"fmt"
	"io/fs"
	"os"
)

// Folder is a folder of this computer that no link leads out of.
type Folder struct{ root *os.Root }

// OpenFolder opens a folder for an import. Close it afterwards.
func OpenFolder(name string) (*Folder, error) {
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("open the folder to import: %w", err)
	}
	return &Folder{root}, nil
}

// FS returns the folder as Import takes it.
func (f *Folder) FS() fs.FS { return f.root.FS() }

// Close lets go of the folder.
func (f *Folder) Close() error { return f.root.Close() }
