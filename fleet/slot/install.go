package slot

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Files is the boot partition, mounted for writing. Names have slashes. The
// power may fail after any of its writes; what a call of Sync or SyncFolder has
// not covered may then be missing.
type Files interface {
	List(dir string) ([]string, error)
	Read(name string) ([]byte, error)
	Write(name string, r io.Reader) error // makes or empties the file, writes it and syncs it
	Rename(from, to string) error
	Sync(name string) error      // a file
	SyncFolder(dir string) error // names in a folder
	Remove(name string) error    // of what is not there: no error
}

// Root is the partition of a slot's root.
type Root interface {
	Write(r io.Reader) error // from its start, and synced
	// Read gives back that many bytes as they are on the disk, not as the
	// kernel remembers them.
	Read(size int64) (io.ReadCloser, error)
}

// Release is what goes into a slot. The hashes come from a signed manifest.
type Release struct {
	Kernel, Root         io.Reader
	KernelSum, RootSum   [sha256.Size]byte
	KernelSize, RootSize int64
	Options              string // of the kernel, with the root of the slot
}

const entries = "loader/entries"

// ErrOnTrial means that the running version has not been found healthy yet, so
// that there would be nothing to fall back to.
var ErrOnTrial = errors.New("the running version is on trial: wait until it is healthy, or until the box falls back")

// Running is what the box runs, as its kernel's command line says.
type Running struct {
	Slot   Name
	Serial uint64
}

// ParseRunning reads a kernel's command line; false means that the box was not
// booted from a slot's entry.
func ParseRunning(cmdline string) (Running, bool) {
	var r Running
	for _, word := range strings.Fields(cmdline) {
		if v, ok := strings.CutPrefix(word, "argss.slot="); ok {
			r.Slot = Name(v)
		}
		if v, ok := strings.CutPrefix(word, "argss.serial="); ok {
			if e, ok := ParseEntry("argss-" + v + ".conf"); ok {
				r.Serial = e.Serial
			}
		}
	}
	return r, (r.Slot == A || r.Slot == B) && r.Serial > 0
}

// list returns the entries there are, and the names of files that are none.
func list(f Files) (have map[string]Entry, stale []string, err error) {
	names, err := f.List(entries)
	if err != nil {
		return nil, nil, err
	}
	have = map[string]Entry{}
	for _, name := range names {
		e, ok := ParseEntry(name)
		if !ok {
			stale = append(stale, name)
			continue
		}
		text, err := f.Read(path.Join(entries, name))
		if err != nil {
			return nil, nil, err
		}
		if !bytes.Contains(text, []byte("linux ")) {
			stale = append(stale, name) // a rename cut short leaves an empty file
			continue
		}
		have[name] = e
	}
	return have, stale, nil
}

// OnTrial tells whether the running version still has to be blessed.
func OnTrial(f Files, run Running) (bool, error) {
	have, _, err := list(f)
	if err != nil {
		return false, fmt.Errorf("look at the slots: %w", err)
	}
	blessed, trial := false, false
	for _, e := range have {
		if e.Serial == run.Serial {
			blessed = blessed || !e.Trial
			trial = trial || e.Trial
		}
	}
	return trial && !blessed, nil
}

// Failed returns the serial of a newer version that was tried in vain, or 0.
func Failed(f Files, run Running) (uint64, error) {
	have, _, err := list(f)
	if err != nil {
		return 0, fmt.Errorf("look at the slots: %w", err)
	}
	var failed uint64
	for _, e := range have {
		if e.Serial > run.Serial && e.Trial && e.Done > 0 {
			failed = max(failed, e.Serial)
		}
	}
	return failed, nil
}

// Install puts a release into the slot that is not running, to be tried at the
// next boot. The running slot stays complete at every step; until the last one
// the box boots it again.
func Install(f Files, root Root, run Running, r Release) (uint64, error) {
	serial, err := install(f, root, run, r)
	if err != nil {
		return 0, fmt.Errorf("install into slot %s: %w", run.Slot.Other(), err)
	}
	return serial, nil
}

func install(f Files, root Root, run Running, r Release) (uint64, error) {
	if trial, err := OnTrial(f, run); err != nil || trial {
		return 0, errors.Join(err, errIf(trial, ErrOnTrial))
	}
	serial, err := clear(f, run)
	if err != nil {
		return 0, err
	}
	if err := root.Write(r.Root); err != nil {
		return 0, fmt.Errorf("write root: %w", err)
	}
	back, err := root.Read(r.RootSize)
	if err == nil {
		err = errors.Join(compare(back, r.RootSize, r.RootSum), back.Close())
	}
	if err != nil {
		return 0, fmt.Errorf("root: %w", err)
	}
	slot := run.Slot.Other()
	kernel := fmt.Sprintf("slot-%s/linux-%d", slot, serial)
	if err := writeKernel(f, kernel, r); err != nil {
		return 0, fmt.Errorf("kernel: %w", err)
	}
	text := entryText(serial, kernel, optionsOf(r.Options, slot, serial))
	return serial, publish(f, Entry{Serial: serial, Trial: true, Left: Tries}, text)
}

func errIf(is bool, err error) error {
	if is {
		return err
	}
	return nil
}

// clear takes away every entry but the running one's, then every kernel that no
// entry names, and returns the serial of the next install.
func clear(f Files, run Running) (uint64, error) {
	have, stale, err := list(f)
	if err != nil {
		return 0, err
	}
	next, own := run.Serial, false
	for name, e := range have {
		next = max(next, e.Serial)
		if e.Serial == run.Serial {
			own = true
		} else {
			stale = append(stale, name)
		}
	}
	if !own {
		return 0, fmt.Errorf("the running version %d has no entry to fall back to", run.Serial)
	}
	for _, name := range stale {
		if err := f.Remove(path.Join(entries, name)); err != nil {
			return 0, err
		}
	}
	if err := f.SyncFolder(entries); err != nil {
		return 0, err
	}
	dir := "slot-" + string(run.Slot.Other())
	kernels, err := f.List(dir)
	if err != nil {
		return 0, err
	}
	for _, name := range kernels {
		if err := f.Remove(path.Join(dir, name)); err != nil {
			return 0, err
		}
	}
	return next + 1, f.SyncFolder(dir)
}

func writeKernel(f Files, name string, r Release) error {
	if err := f.Write(name, r.Kernel); err != nil {
		return err
	}
	if err := f.SyncFolder(path.Dir(name)); err != nil {
		return err
	}
	back, err := f.Read(name)
	if err != nil {
		return err
	}
	return compare(bytes.NewReader(back), int64(len(back)), r.KernelSum)
}

func compare(r io.Reader, size int64, want [sha256.Size]byte) error {
	sum := sha256.New()
	if n, err := io.Copy(sum, r); err != nil {
		return err
	} else if n != size || [sha256.Size]byte(sum.Sum(nil)) != want {
		return errors.New("what is on the disk is not what the release is signed for")
	}
	return nil
}

// publish makes an entry appear. A rename on FAT is not atomic: for a moment
// the new name is there and empty, which no loader boots; syncing the file
// fills it.
func publish(f Files, e Entry, text string) error {
	name := path.Join(entries, e.String())
	fresh := path.Join(entries, fmt.Sprintf("argss-%d.new", e.Serial))
	if err := f.Write(fresh, strings.NewReader(text)); err != nil {
		return err
	}
	if err := f.SyncFolder(entries); err != nil {
		return err
	}
	if err := f.Rename(fresh, name); err != nil {
		return err
	}
	if err := f.Sync(name); err != nil {
		return err
	}
	return f.SyncFolder(entries)
}

// Bless makes the running version the one that boots from now on, after it has
// been found healthy. It may be called again.
func Bless(f Files, run Running) error {
	have, _, err := list(f)
	if err != nil {
		return fmt.Errorf("bless version %d: %w", run.Serial, err)
	}
	blessed := Entry{Serial: run.Serial}
	var trials []string
	text := []byte(nil)
	for name, e := range have {
		if e.Serial == run.Serial && e.Trial {
			trials = append(trials, name)
			if text, err = f.Read(path.Join(entries, name)); err != nil {
				return fmt.Errorf("bless version %d: %w", run.Serial, err)
			}
		}
	}
	if len(trials) == 0 {
		return nil
	}
	if _, done := have[blessed.String()]; !done {
		err = publish(f, blessed, string(text))
	}
	for _, name := range trials {
		if err == nil {
			err = f.Remove(path.Join(entries, name))
		}
	}
	if err == nil {
		err = f.SyncFolder(entries)
	}
	if err != nil {
		return fmt.Errorf("bless version %d: %w", run.Serial, err)
	}
	return nil
}
