package pack

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/diskfs/go-diskfs"
	"github.com/diskfs/go-diskfs/backend"
	"github.com/diskfs/go-diskfs/backend/file"
	"github.com/diskfs/go-diskfs/filesystem"
	"github.com/diskfs/go-diskfs/filesystem/squashfs"
	"github.com/google/go-cmp/cmp"

	"github.com/argss/argss/images"
)

var when = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// noise is n bytes that are the same in every run and hard to mix up.
func noise(n int, seed byte) []byte {
	var out []byte
	for sum := sha256.Sum256([]byte{seed}); len(out) < n; sum = sha256.Sum256(sum[:]) {
		out = append(out, sum[:]...)
	}
	return out[:n]
}

// sample has every case: nothing, a whole block, a block and a bit, a folder
// with more names than one run or one metadata block holds.
func sample() Tree {
	t := Tree{
		{Path: "argss/init", Mode: 0o755, Data: noise(300_000, 1)},
		{Path: "argss/boxd", Mode: 0o755, Data: noise(squashBlock, 2)},
		{Path: "etc/empty", Mode: 0o644},
		{Path: "etc/hosts", Mode: 0o600, Data: []byte("127.0.0.1 localhost\n")},
		{Path: "etc/resolv.conf", Mode: 0o777, Link: "/tmp/resolv.conf"},
		{Path: "perm", Mode: 0o700, Dir: true},
	}
	for i := range 700 {
		t = append(t, File{Path: fmt.Sprintf("many/file with a rather long name %03d", i), Mode: 0o644, Data: []byte{byte(i)}})
	}
	return t
}

func writeSample(t *testing.T, tree Tree) (string, int64) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "root")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	size, err := WriteSquashfs(f, tree, when)
	if err != nil {
		t.Fatal(err)
	}
	return name, size
}

// contents reads a whole file system: names of folders end with a slash.
func contents(t *testing.T, fsys filesystem.FileSystem, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	entries, err := fsys.ReadDir(dir)
	if err != nil {
		t.Fatalf("read folder %s: %v", dir, err)
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case e.Name() == "." || e.Name() == ".." || info.Mode()&fs.ModeSymlink != 0 || e.Name() == "ARGSS":
		case e.IsDir():
			found[name+"/"] = ""
			maps.Copy(found, contents(t, fsys, name))
		default:
			found[name] = string(readFile(t, fsys, name))
		}
	}
	return found
}

func readFile(t *testing.T, fsys filesystem.FileSystem, name string) []byte {
	t.Helper()
	f, err := fsys.OpenFile(name, os.O_RDONLY)
	if err != nil {
		t.Fatalf("open %s: %v", name, err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
	return b
}

func wanted(tree Tree, prefix string) map[string]string {
	want := map[string]string{}
	all, err := tree.complete()
	if err != nil {
		panic(err)
	}
	for _, f := range all[1:] {
		switch {
		case f.Dir:
			want[prefix+f.Path+"/"] = ""
		case f.Link == "":
			want[prefix+f.Path] = string(f.Data)
		}
	}
	return want
}

func TestSquashfsIsReadByAnother(t *testing.T) {
	name, size := writeSample(t, sample())
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	fsys, err := squashfs.Read(file.New(f, true), size, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wanted(sample(), ""), contents(t, fsys, ".")); diff != "" {
		t.Error(diff)
	}
}

func TestSquashfsHasEachFileOnItsOwnBoundary(t *testing.T) {
	name, _ := writeSample(t, sample())
	before, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	content := noise(300_000, 1)
	if at := bytes.Index(before, content); at%squashAlign != 0 {
		t.Errorf("the file starts at byte %d", at)
	}
}

func TestSquashfsKeepsNothingOfTheBuilder(t *testing.T) {
	tree := sample()
	first, _ := writeSample(t, tree)
	slices.Reverse(tree)
	onDisk := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.WriteFile(onDisk, noise(300_000, 1), 0o640); err != nil {
		t.Fatal(err)
	}
	for i := range tree {
		if tree[i].Path == "argss/init" {
			tree[i].Data, tree[i].From = nil, onDisk
		}
	}
	second, _ := writeSample(t, tree)
	if !sameBytes(t, first, second) {
		t.Error("the same files in another order and from another place are another image")
	}
}

func sameBytes(t *testing.T, a, b string) bool {
	t.Helper()
	return hash(t, a) == hash(t, b)
}

func hash(t *testing.T, name string) [32]byte {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		t.Fatal(err)
	}
	return [32]byte(sum.Sum(nil))
}

func TestTreeRefusesWhatNoFileSystemCanHold(t *testing.T) {
	for name, tree := range map[string]Tree{
		"twice":           {{Path: "a"}, {Path: "a"}},
		"absolute":        {{Path: "/a"}},
		"upwards":         {{Path: "../a"}},
		"nameless":        {{Path: ""}},
		"file as folder":  {{Path: "a"}, {Path: "a/b"}},
		"folder no trail": {{Path: "a/"}},
	} {
		if _, err := tree.complete(); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func bootTree() Tree {
	return Tree{
		{Path: "EFI/BOOT/BOOTX64.EFI", Data: noise(140_000, 3)},
		{Path: "loader/loader.conf", Data: []byte("timeout 0\n")},
		{Path: "loader/entries/argss-1.conf", Data: []byte("title x\n")},
		{Path: "slot-a/linux-1", Data: noise(2_000_000, 4)},
		{Path: "slot-b", Dir: true},
	}
}

func writeDisk(t *testing.T, board images.Board) string {
	t.Helper()
	root, _ := writeSample(t, sample())
	d := Disk{Board: board, When: when, Roots: map[string]string{"root-a": root}, FAT: map[string]Tree{}}
	for _, p := range board.Partitions() {
		if p.Content == images.FAT {
			d.FAT[p.Name] = bootTree()
		}
	}
	name := filepath.Join(t.TempDir(), "disk")
	if err := d.Write(name); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestDiskHoldsWhatItIsMadeOf(t *testing.T) {
	for _, board := range images.Boards() {
		t.Run(board.Name, func(t *testing.T) {
			disk, err := diskfs.Open(writeDisk(t, board), diskfs.WithOpenMode(diskfs.ReadOnly))
			if err != nil {
				t.Fatal(err)
			}
			defer disk.Close()
			for _, p := range board.Partitions() {
				switch {
				case p.Content == images.FAT:
					fsys, err := disk.GetFilesystem(p.Number)
					if err != nil {
						t.Fatal(p.Name, err)
					}
					if diff := cmp.Diff(wanted(bootTree(), ""), contents(t, fsys, ".")); diff != "" {
						t.Error(p.Name, diff)
					}
				case p.Name == "root-a":
					fsys, err := squashfs.Read(backend.Sub(disk.Backend, p.Start, p.Size), p.Size, 0, 0)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(wanted(sample(), ""), contents(t, fsys, ".")); diff != "" {
						t.Error(diff)
					}
				}
			}
		})
	}
}

func TestDiskIsTheSameBytesTwice(t *testing.T) {
	board := images.Boards()[0]
	if !sameBytes(t, writeDisk(t, board), writeDisk(t, board)) {
		t.Error("two disks from the same files differ")
	}
}
