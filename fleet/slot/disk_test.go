package slot

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
)

var errCut = errors.New("the power is gone")

// disk is a boot partition and two roots that lose power after a number of
// steps. A file is written in halves, a rename as Linux's FAT does it: the new
// name is there and empty first, and filled when it is synced.
type disk struct {
	files map[string]string
	roots map[Name]string
	empty map[string]string // renamed and not yet synced: what will be in it
	left  int               // steps until the power goes; negative: never
	steps int
	flip  bool // of what is written to the root, a bit changes
}

func (d *disk) step() error {
	if d.left == d.steps {
		return errCut
	}
	d.steps++
	return nil
}

func (d *disk) clone() *disk {
	return &disk{files: maps.Clone(d.files), roots: maps.Clone(d.roots), empty: map[string]string{}, left: -1}
}

func (d *disk) List(dir string) (out []string, err error) {
	for name := range d.files {
		if path.Dir(name) == dir {
			out = append(out, path.Base(name))
		}
	}
	slices.Sort(out)
	return out, nil
}

func (d *disk) Read(name string) ([]byte, error) {
	text, ok := d.files[name]
	if !ok {
		return nil, errors.New("no such file: " + name)
	}
	return []byte(text), nil
}

func (d *disk) Write(name string, r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	for _, part := range []int{0, len(b) / 2, len(b)} {
		if err := d.step(); err != nil {
			return err
		}
		d.files[name] = string(b[:part])
	}
	return nil
}

func (d *disk) Rename(from, to string) error {
	if err := d.step(); err != nil {
		return err
	}
	d.empty[to] = d.files[from]
	delete(d.files, from)
	d.files[to] = ""
	return nil
}

func (d *disk) Sync(name string) error {
	if err := d.step(); err != nil {
		return err
	}
	if text, ok := d.empty[name]; ok {
		d.files[name] = text
		delete(d.empty, name)
	}
	return nil
}

func (d *disk) SyncFolder(string) error { return d.step() }

func (d *disk) Remove(name string) error {
	if err := d.step(); err != nil {
		return err
	}
	delete(d.files, name)
	return nil
}

// rootOf is the partition of a slot.
type rootOf struct {
	*disk
	slot Name
}

func (r rootOf) Write(in io.Reader) error {
	b, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	if r.flip {
		b[0] ^= 1
	}
	old := r.roots[r.slot]
	for _, part := range []int{len(b) / 2, len(b)} {
		if err := r.step(); err != nil {
			return err
		}
		r.roots[r.slot] = string(b[:part]) + old[min(part, len(old)):]
	}
	r.roots[r.slot] = string(b) // what an older root left behind it is not looked at
	return nil
}

func (r rootOf) Read(size int64) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(r.roots[r.slot][:min(int(size), len(r.roots[r.slot]))])), nil
}

// boot does what systemd-boot 252 does: of the entries whose kernel is there,
// those with tries left come first, then the newest; a try is counted before
// the kernel starts. It returns what starts, and whether its root is whole.
func (d *disk) boot() (Running, string, error) {
	names, _ := d.List(entries)
	var best string
	var chosen Entry
	for _, name := range names {
		e, ok := ParseEntry(name)
		if !ok || !d.startable(d.files[path.Join(entries, name)]) {
			continue
		}
		if best == "" || before(e, chosen) {
			best, chosen = name, e
		}
	}
	if best == "" {
		return Running{}, "", errors.New("nothing can be booted")
	}
	text := d.files[path.Join(entries, best)]
	if chosen.Trial && chosen.Left > 0 {
		delete(d.files, path.Join(entries, best))
		chosen.Left, chosen.Done = chosen.Left-1, chosen.Done+1
		d.files[path.Join(entries, chosen.String())] = text
	}
	run, ok := ParseRunning(text)
	if !ok {
		return run, "", errors.New("an entry without a slot boots")
	}
	return run, d.files[kernelOf(text)] + " " + d.roots[run.Slot], nil
}

func before(a, b Entry) bool {
	if x, y := a.Trial && a.Left == 0, b.Trial && b.Left == 0; x != y {
		return y
	}
	if a.Serial != b.Serial {
		return a.Serial > b.Serial
	}
	return !a.Trial
}

func kernelOf(text string) string {
	for line := range strings.Lines(text) {
		if k, ok := strings.CutPrefix(line, "linux /"); ok {
			return strings.TrimSpace(k)
		}
	}
	return ""
}

func (d *disk) startable(text string) bool {
	_, there := d.files[kernelOf(text)]
	return there
}

// release is software of a name that is easily told from others.
func release(name string) Release {
	kernel, root := "kernel "+name, strings.Repeat("root "+name+" ", 20)
	return Release{
		Kernel: strings.NewReader(kernel), Root: bytes.NewReader([]byte(root)),
		KernelSum: sha256.Sum256([]byte(kernel)), RootSum: sha256.Sum256([]byte(root)),
		KernelSize: int64(len(kernel)), RootSize: int64(len(root)), Options: "quiet",
	}
}

func whole(name string) string { return "kernel " + name + " " + strings.Repeat("root "+name+" ", 20) }

// installed is a disk as mkimage leaves it, with software named one.
func installed() *disk {
	d := &disk{files: map[string]string{}, roots: map[Name]string{A: strings.Repeat("root one ", 20)}, empty: map[string]string{}, left: -1}
	maps.Copy(d.files, FirstEntry("slot-a/linux-1", "quiet"))
	d.files["slot-a/linux-1"] = "kernel one"
	return d
}
