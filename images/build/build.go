package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/argss/argss/images"
	"github.com/argss/argss/images/loader"
	"github.com/argss/argss/images/pack"
)

// Recipe says what image to make.
type Recipe struct {
	Board    images.Board
	Source   string    // folder of go.mod
	Out      string    // folder to leave the image in
	Go       string    // the go command
	Version  string    // of the software
	Stamps   []string  // variables that the linker sets to it
	When     time.Time // of every file in the image
	Programs []string  // packages; each becomes /argss/NAME
	// Boot returns the files of a boot partition by which the firmware finds
	// slot a, whose kernel lies at the path given.
	Boot func(kernel, options string) map[string]string
}

type recipe struct {
	Recipe
	ctx  context.Context
	work string // programs and the root on their way into the image
	used []module
}

// Make makes the image.
func Make(ctx context.Context, r Recipe) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("make image for %s: %w", r.Board.Name, err)
		}
	}()
	if err := os.MkdirAll(r.Out, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "argss-image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	k := &recipe{Recipe: r, ctx: ctx, work: work}
	programs, err := k.buildPrograms()
	if err != nil {
		return err
	}
	if err := k.writeRoot(programs); err != nil {
		return err
	}
	boot, err := k.bootPartitions()
	if err != nil {
		return err
	}
	disk := pack.Disk{Board: r.Board, When: r.When, FAT: boot, Roots: map[string]string{"root-a": k.file("root")}}
	if err := disk.Write(k.file("img")); err != nil {
		return err
	}
	return k.writeBill(programs)
}

// file is the path of what Make leaves behind.
func (r *recipe) file(kind string) string {
	return filepath.Join(r.Out, "argss-"+r.Board.Name+"."+kind)
}

// buildPrograms returns the programs by name.
func (r *recipe) buildPrograms() (map[string]string, error) {
	built := map[string]string{}
	for _, p := range r.Programs {
		name := path.Base(p)
		built[name] = filepath.Join(r.work, name)
		flags := "-s -w -buildid="
		for _, s := range r.Stamps {
			flags += " -X " + s + "=" + r.Version
		}
		_, err := r.run("build", "-trimpath", "-buildvcs=false", "-ldflags", flags, "-o", built[name], p)
		if err != nil {
			return nil, err
		}
	}
	return built, nil
}

func (r *recipe) writeRoot(programs map[string]string) error {
	tree := pack.Tree{
		{Path: "etc/os-release", Mode: 0o644, Data: fmt.Appendf(nil, "ID=argss\nNAME=ARGSS\nVERSION_ID=%q\n", r.Version)},
		{Path: "etc/passwd", Mode: 0o644, Data: []byte("root:x:0:0::/perm:/\nnobody:x:65534:65534::/:/\n")},
		{Path: "etc/group", Mode: 0o644, Data: []byte("root:x:0:\nnobody:x:65534:\n")},
		{Path: "etc/hosts", Mode: 0o644, Data: []byte("127.0.0.1 localhost\n::1 localhost\n")},
		{Path: "etc/resolv.conf", Mode: 0o777, Link: "/tmp/resolv.conf"}, // where dhcp writes it
	}
	for _, dir := range []string{"boot", "data", "dev", "perm", "proc", "run", "sys", "tmp"} {
		tree = append(tree, pack.File{Path: dir, Mode: 0o755, Dir: true})
	}
	for name, from := range programs {
		tree = append(tree, pack.File{Path: "argss/" + name, Mode: 0o755, From: from})
	}
	f, err := os.Create(r.file("root"))
	if err != nil {
		return err
	}
	_, err = pack.WriteSquashfs(f, tree, r.When)
	return errors.Join(err, f.Close())
}

// bootPartitions returns the FAT partitions by name.
func (r *recipe) bootPartitions() (map[string]pack.Tree, error) {
	m, err := r.fetch(r.Board.Kernel)
	if err != nil {
		return nil, err
	}
	r.used = append(r.used, m)
	kernel := filepath.Join(m.Dir, "vmlinuz")
	if err := copyFile(r.file("kernel"), kernel); err != nil {
		return nil, err
	}
	options := r.Board.Options("root-a")
	if err := os.WriteFile(r.file("cmdline"), []byte(options+"\n"), 0o644); err != nil {
		return nil, err
	}
	if r.Board.Choice == images.Tryboot {
		return r.raspberry(m, options)
	}
	name, efi, err := loader.File(r.Board.Arch)
	if err != nil {
		return nil, err
	}
	const at = "slot-a/linux-1"
	tree := pack.Tree{{Path: name, Data: efi}, {Path: at, From: kernel}, {Path: "slot-b", Dir: true}}
	return map[string]pack.Tree{"boot": append(tree, texts(r.Boot(at, options))...)}, nil
}

func texts(files map[string]string) (out pack.Tree) {
	for name, text := range files {
		out = append(out, pack.File{Path: name, Data: []byte(text)})
	}
	return out
}

func copyFile(to, from string) error {
	in, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, in, 0o644)
}
