// Package settings owns the owner's choices for one box: its name, where it
// keeps its data, whom it is paired with and which address it shares.
//
// They live in one JSON file. A settings file is written whole to a temporary
// name, synced and renamed, so a power cut leaves the old choices or the new
// ones. Unknown members are refused, since a misspelt choice would otherwise
// be a silent default.
package settings

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/store"
)

// Settings are the choices for one box.
type Settings struct {
	Wiki    string   `json:"wiki"`                  // name of the wiki, shown on every page
	Box     string   `json:"box"`                   // this box's name, as peers and pages call it
	City    string   `json:"city"`                  // where it stands, in the owner's words
	Listen  string   `json:"listen"`                // host:port of the box's own address
	Data    string   `json:"data"`                  // folder of everything the box keeps
	Second  string   `json:"second_data,omitempty"` // folder on the box's second disk; it must exist, so that an empty mount point is not filled
	Quota   int64    `json:"quota,omitempty"`       // bytes each space's revisions may take; 0: what the disk has
	Secret  string   `json:"secret"`                // shared by all paired boxes: hex, 16 bytes or more
	Peers   []Peer   `json:"peers,omitempty"`       // the other boxes
	Shared  *Shared  `json:"shared,omitempty"`      // the address shared with the twin, if there is one
	Network *Network `json:"network,omitempty"`     // of a box of its own hardware; DHCP if nil
	Keepers []string `json:"keepers,omitempty"`     // ed25519 public keys (hex) that may sign erase records
	Disks   Disks    `json:"disks"`                 // how its disks are treated
	Ledger  string   `json:"ledger,omitempty"`      // file with the unplug ledger of "make run", shown on pages
}

// Disks says how the disks of the box are treated. Looking at them is always
// done; what wears them or lets them sleep is the owner's to choose.
type Disks struct {
	SelfTests       bool `json:"self_tests,omitempty"`        // short ones each week, long ones each month
	SpinDownMinutes int  `json:"spin_down_minutes,omitempty"` // of hard disks nobody used for so long; 0: never
}

// Peer is another box of the same wiki.
type Peer struct {
	Name string `json:"name"`
	City string `json:"city"`
	URL  string `json:"url"` // http://host:port
	// Megabits is how many a second the copies to and from it may take of the
	// line, each way; 0 is no limit.
	Megabits int `json:"megabits,omitempty"`
}

// Load reads and checks a settings file.
func Load(path string) (Settings, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Settings{}, fmt.Errorf("read settings: %w", err)
	}
	s, err := Parse(data)
	if err != nil {
		return Settings{}, fmt.Errorf("settings in %s: %w", path, err)
	}
	return s, nil
}

// Parse reads and checks the JSON of a settings file.
func Parse(data []byte) (Settings, error) {
	var s Settings
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return Settings{}, err
	}
	return s, s.Check()
}

// Save writes the settings durably, readable by their owner alone: they hold
// the secret.
func (s Settings) Save(path string) error {
	return s.SaveIn(store.Dir(filepath.Dir(path)), filepath.Base(path))
}

// SaveIn writes the settings durably to a file of a folder.
func (s Settings) SaveIn(files wiki.Files, name string) error {
	if err := s.Check(); err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	if err := replace(files, name, append(data, '\n')); err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	return nil
}

func replace(files wiki.Files, name string, data []byte) error {
	f, err := files.Open(name+".new", true)
	if err != nil {
		return err
	}
	if err = f.Truncate(0); err == nil {
		_, err = f.WriteAt(data, 0)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := files.Rename(name+".new", name); err != nil {
		return err
	}
	return files.SyncDir(".")
}

// Check tells in one sentence what is wrong with the choices, if anything is.
func (s Settings) Check() error {
	switch {
	case checkLabel(s.Box) != nil:
		return fmt.Errorf("box: %w", checkLabel(s.Box))
	case s.Second != "" && filepath.Clean(s.Second) == filepath.Clean(s.Data):
		return errors.New("second_data: name a folder on another disk than data")
	case s.Quota < 0:
		return errors.New("quota: give a number of bytes, or 0 for no limit")
	case s.Data == "":
		return errors.New("data: name the folder the box keeps its data in")
	}
	if _, _, err := net.SplitHostPort(s.Listen); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if secret, err := hex.DecodeString(s.Secret); err != nil || len(secret) < 16 {
		return errors.New("secret: give at least 16 bytes in hexadecimal, the same on every paired box")
	}
	for _, k := range s.Keepers {
		if key, err := hex.DecodeString(k); err != nil || len(key) != 32 {
			return fmt.Errorf("keepers: %q is not an ed25519 public key in hexadecimal", k)
		}
	}
	if m := s.Disks.SpinDownMinutes; m < 0 || m > 0 && m < 10 {
		return errors.New("disks: a disk may sleep after 10 minutes or more; 0 keeps it awake")
	}
	if err := s.checkPeers(); err != nil {
		return err
	}
	if err := s.Network.check(); err != nil {
		return err
	}
	return s.Shared.check(s.Listen)
}

// PairSecret returns the bytes of Secret, which must have passed Check.
func (s Settings) PairSecret() []byte {
	secret, err := hex.DecodeString(s.Secret)
	if err != nil {
		panic(fmt.Sprintf("secret passed settings.Check: %v", err))
	}
	return secret
}

func (s Settings) checkPeers() error {
	names := map[string]bool{s.Box: true}
	for _, p := range s.Peers {
		if err := checkLabel(p.Name); err != nil {
			return fmt.Errorf("peers: %w", err)
		}
		if names[p.Name] {
			return fmt.Errorf("peers: two boxes are called %q", p.Name)
		}
		names[p.Name] = true
		if p.Megabits < 0 || p.Megabits > 1e6 {
			return fmt.Errorf("peers: megabits for %s is a whole number up to a million, or 0 for no limit", p.Name)
		}
		u, err := url.Parse(p.URL)
		if err != nil || u.Scheme != "http" || u.Host == "" || u.Path != "" {
			return fmt.Errorf("peers: %q is not of the form http://host:port", p.URL)
		}
	}
	return nil
}

// checkLabel accepts the names DNS accepts in lower case, because a box's name
// becomes its host name.
func checkLabel(s string) error {
	if len(s) == 0 || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return fmt.Errorf("a box's name has 1 to 63 letters, digits and hyphens, not %q", s)
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return fmt.Errorf("a box's name is lower-case letters, digits and hyphens, not %q", s)
		}
	}
	return nil
}
