package intake

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Image is a release that lies in files.
type Image struct {
	Manifest
	Root, Kernel *os.File
}

// Open opens what make image made: PATH.root, PATH.kernel and PATH.cmdline. The
// words of more go onto the kernel's command line.
func Open(path, more string) (*Image, error) {
	i := &Image{Manifest: Manifest{Version: path}}
	err := i.open(path, more)
	if err != nil {
		i.Close()
		return nil, fmt.Errorf("open a version: %w", err)
	}
	return i, nil
}

func (i *Image) open(path, more string) error {
	cmdline, err := os.ReadFile(path + ".cmdline")
	if err != nil {
		return err
	}
	i.Options = withoutRoot(string(cmdline) + " " + more)
	if i.Root, i.Manifest.Root, err = openPart(path + ".root"); err != nil {
		return err
	}
	i.Kernel, i.Manifest.Kernel, err = openPart(path + ".kernel")
	return err
}

func openPart(path string) (*os.File, Part, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, Part{}, err
	}
	p, err := PartOf(f)
	if err == nil {
		_, err = f.Seek(0, 0)
	}
	return f, p, err
}

// withoutRoot leaves out which partition is the root: the box knows.
func withoutRoot(cmdline string) string {
	isRoot := func(word string) bool { return strings.HasPrefix(word, "root=") }
	return strings.Join(slices.DeleteFunc(strings.Fields(cmdline), isRoot), " ")
}

// Close closes the files.
func (i *Image) Close() error { return errors.Join(closeFile(i.Root), closeFile(i.Kernel)) }

func closeFile(f *os.File) error {
	if f == nil {
		return nil
	}
	return f.Close()
}
