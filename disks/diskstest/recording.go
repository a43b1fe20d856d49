package diskstest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"testing/fstest"
	"time"

	"github.com/argss/argss/disks"
)

// Recording is a disk as it was met, or made up, with what is expected of its
// verdict.
type Recording struct {
	Name     string `json:"-"`
	Origin   string `json:"origin"`   // where it is from
	Recorded bool   `json:"recorded"` // false: constructed
	About    string `json:"about"`
	Harmless bool   `json:"harmless,omitempty"` // known to raise false alarms elsewhere: never replace
	Want     Want   `json:"want"`

	Smartctl json.RawMessage   `json:"smartctl,omitempty"`
	Sysfs    map[string]string `json:"sysfs,omitempty"` // path below /sys → content; "→ target": a link
	Access   disks.Access      `json:"access,omitempty"`
	SelfTest *disks.SelfTest   `json:"self_test,omitempty"` // NVMe
	Asleep   int               `json:"asleep_hours,omitempty"`
	Past     []Past            `json:"past,omitempty"`
	Kernel   *disks.Kernel     `json:"kernel,omitempty"`
	Volume   *disks.Volume     `json:"volume,omitempty"`
}

// Want is the expected verdict.
type Want struct {
	Grade disks.Grade `json:"grade"`
	Codes []string    `json:"codes"` // of the reasons, the gravest first
}

// Past is what some signals were some time ago.
type Past struct {
	Hours  int          `json:"hours"`
	Values disks.Values `json:"values"`
}

// Load reads all recordings of a folder, by name.
func Load(dir fs.FS) ([]Recording, error) {
	names, err := fs.Glob(dir, "*.json")
	if err != nil {
		return nil, err
	}
	var all []Recording
	for _, name := range names {
		data, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		r := Recording{Name: name}
		if err := json.Unmarshal(data, &r); err != nil {
			return nil, fmt.Errorf("read recording %s: %w", name, err)
		}
		all = append(all, r)
	}
	return all, nil
}

// Observation returns what is seen of the disk now. look reads a sysfs tree.
func (r Recording) Observation(now time.Time, look func(sys fs.FS) disks.Observation) (disks.Observation, error) {
	var o disks.Observation
	var err error
	switch {
	case r.Smartctl != nil:
		o, err = ParseSmartctl(r.Smartctl)
	case r.Sysfs != nil:
		o = look(r.Tree())
	}
	if r.Access != "" {
		o.Access = r.Access
	}
	if r.SelfTest != nil && o.NVMe != nil {
		o.NVMe.SelfTest = *r.SelfTest
	}
	o = at(o, now)
	o.HealthAt = now.Add(-time.Duration(r.Asleep) * time.Hour)
	o.Kernel, o.Volume = cmp.Or(r.Kernel, o.Kernel), cmp.Or(r.Volume, o.Volume)
	return o, err
}

// Tree is the sysfs tree as a file system.
func (r Recording) Tree() fs.FS {
	tree := fstest.MapFS{}
	for path, content := range r.Sysfs {
		if target, link := cutLink(content); link {
			tree[path] = &fstest.MapFile{Data: []byte(target), Mode: fs.ModeSymlink | 0o777}
			continue
		}
		tree[path] = &fstest.MapFile{Data: []byte(content), Mode: 0o444}
	}
	return tree
}

func cutLink(content string) (string, bool) {
	const arrow = "→ "
	if len(content) > len(arrow) && content[:len(arrow)] == arrow {
		return content[len(arrow):], true
	}
	return "", false
}

// History is the disk's past.
func (r Recording) History(now time.Time) disks.History {
	var h disks.History
	for _, p := range r.Past {
		h = append(h, disks.Sample{At: now.Add(-time.Duration(p.Hours) * time.Hour), Values: p.Values})
	}
	slices.SortFunc(h, func(a, b disks.Sample) int { return a.At.Compare(b.At) })
	return h
}
