package pack

import (
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

// File is one entry of a tree: a folder, a file from memory or from disk, or a
// symbolic link. All belong to root.
type File struct {
	Path string // from the root, with slashes, without one at the start
	Mode uint16 // permission bits
	Dir  bool
	Link string // target, if it is a link
	Data []byte // content, unless From says where it is
	From string // file of the building machine with the content
}

// Tree is the files of one file system, in any order; missing folders are
// added.
type Tree []File

// open returns the content and its size.
func (f File) open() (io.ReadCloser, int64, error) {
	if f.From == "" {
		return io.NopCloser(strings.NewReader(string(f.Data))), int64(len(f.Data)), nil
	}
	in, err := os.Open(f.From)
	if err != nil {
		return nil, 0, err
	}
	info, err := in.Stat()
	if err != nil {
		in.Close()
		return nil, 0, err
	}
	return in, info.Size(), nil
}

// complete returns the tree in order of paths with all folders in it, the root
// first as "".
func (t Tree) complete() (Tree, error) {
	byPath := map[string]File{"": {Dir: true, Mode: 0o755}}
	for _, f := range t {
		if f.Path == "" || path.Clean("/"+f.Path) != "/"+f.Path {
			return nil, fmt.Errorf("path %q: give it from the root, clean and without a slash at the start", f.Path)
		}
		if _, twice := byPath[f.Path]; twice {
			return nil, fmt.Errorf("path %q is there twice", f.Path)
		}
		byPath[f.Path] = f
	}
	for _, f := range t {
		for dir := parent(f.Path); dir != ""; dir = parent(dir) {
			if have, ok := byPath[dir]; !ok {
				byPath[dir] = File{Path: dir, Dir: true, Mode: 0o755}
			} else if !have.Dir {
				return nil, fmt.Errorf("path %q lies in %q, which is no folder", f.Path, dir)
			}
		}
	}
	out := make(Tree, 0, len(byPath))
	for _, f := range byPath {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

func parent(p string) string {
	if dir := path.Dir(p); dir != "." {
		return dir
	}
	return ""
}
