package build

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/argss/argss/images"
	"github.com/argss/argss/images/loader"
)

// The members of CycloneDX 1.5 that are used.
type bill struct {
	Format     string      `json:"bomFormat"`
	Spec       string      `json:"specVersion"`
	Version    int         `json:"version"`
	Metadata   metadata    `json:"metadata"`
	Components []component `json:"components"`
}

type metadata struct {
	Timestamp string    `json:"timestamp"`
	Component component `json:"component"`
}

type component struct {
	Type    string `json:"type"`
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	PURL    string `json:"purl,omitempty"`
	Hashes  []sum  `json:"hashes,omitempty"`
}

type sum struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

// writeBill lists what the programs say they were built from, the modules taken
// as files, the loader, and the files made.
func (r *recipe) writeBill(programs map[string]string) error {
	list := map[string]component{}
	add := func(c component) { list[c.Type+" "+c.Name+" "+c.Version] = c }
	for _, m := range r.used {
		add(golang(m.Path, m.Version, m.Sum))
	}
	for _, file := range programs {
		info, err := buildinfo.ReadFile(file)
		if err != nil {
			return err
		}
		add(component{Type: "platform", Name: "go", Version: info.GoVersion})
		for _, d := range info.Deps {
			add(golang(d.Path, d.Version, d.Sum))
		}
	}
	if r.Board.Choice == images.BootCounting {
		_, efi, err := loader.File(r.Board.Arch)
		if err != nil {
			return err
		}
		hash := sha256.Sum256(efi)
		add(component{Type: "firmware", Name: "systemd-boot-efi", Version: loader.Version,
			PURL:   "pkg:deb/debian/systemd-boot-efi@" + strings.ReplaceAll(loader.Version, "~", "%7E") + "?arch=" + r.Board.Arch,
			Hashes: []sum{{"SHA-256", hex.EncodeToString(hash[:])}}})
	}
	for _, kind := range []string{"img", "root", "kernel"} {
		c, err := fileComponent(r.file(kind))
		if err != nil {
			return err
		}
		add(c)
	}
	b := bill{Format: "CycloneDX", Spec: "1.5", Version: 1, Metadata: metadata{
		Timestamp: r.When.UTC().Format(time.RFC3339),
		Component: component{Type: "firmware", Name: "argss-" + r.Board.Name, Version: r.Version},
	}}
	for _, key := range slices.Sorted(maps.Keys(list)) {
		b.Components = append(b.Components, list[key])
	}
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(r.file("sbom.json"), append(text, '\n'), 0o644)
}

func golang(path, version, h1 string) component {
	c := component{Type: "library", Name: path, Version: version, PURL: "pkg:golang/" + path + "@" + version}
	// go.sum's h1 is the SHA-256 of the module's list of files and hashes.
	if b, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(h1, "h1:")); err == nil && len(b) == sha256.Size {
		c.Hashes = []sum{{"SHA-256", hex.EncodeToString(b)}}
	}
	return c
}

func fileComponent(path string) (component, error) {
	f, err := os.Open(path)
	if err != nil {
		return component{}, err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return component{}, err
	}
	return component{Type: "file", Name: filepath.Base(path), Hashes: []sum{{"SHA-256", hex.EncodeToString(hash.Sum(nil))}}}, nil
}
