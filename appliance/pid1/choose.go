package pid1

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/argss/argss/appliance/settings"
)

// sources is where settings may come from.
type sources struct {
	cmdline string // of the kernel
	perm    string // folder that is kept
	boot    string // folder of the boot partition
	mac     string // of the first interface, hex digits
	random  func() string
}

func (s sources) kept() string { return filepath.Join(s.perm, "settings.json") }

// choose returns the settings to run with, and what was wrong with those it
// passed over.
func (s sources) choose() (settings.Settings, error) {
	var wrong []error
	if text, given := argument(s.cmdline, "argss.settings"); given {
		data, err := base64.RawURLEncoding.DecodeString(text)
		if err == nil {
			var chosen settings.Settings
			if chosen, err = s.complete(data); err == nil {
				return chosen, nil
			}
		}
		wrong = append(wrong, fmt.Errorf("settings on the command line: %w", err))
	}
	chosen, err := settings.Load(s.kept())
	if err == nil {
		return chosen, errors.Join(wrong...)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		wrong = append(wrong, err)
	}
	data, err := os.ReadFile(filepath.Join(s.boot, "argss.json"))
	if err == nil {
		if chosen, err = s.complete(data); err == nil {
			return chosen, errors.Join(append(wrong, s.keep(chosen))...)
		}
		wrong = append(wrong, fmt.Errorf("argss.json: %w", err))
	}
	chosen, err = s.complete([]byte("{}"))
	if len(wrong) == 0 && err == nil {
		err = s.keep(chosen) // what is wrong there is not written over
	}
	return chosen, errors.Join(append(wrong, err)...)
}

func (s sources) keep(chosen settings.Settings) error { return chosen.Save(s.kept()) }

// complete fills in what need not be said.
func (s sources) complete(data []byte) (settings.Settings, error) {
	chosen := settings.Settings{
		Wiki: "Wiki", Box: "argss-" + s.mac[max(0, len(s.mac)-6):],
		Listen: ":80", Data: filepath.Join(s.perm, "wiki"), Secret: s.random(),
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&chosen); err != nil {
		return settings.Settings{}, err
	}
	return chosen, chosen.Check()
}

// argument returns the value of a word name=value of a kernel's command line.
func argument(cmdline, name string) (string, bool) {
	for _, word := range strings.Fields(cmdline) {
		if value, ok := strings.CutPrefix(word, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

func randomSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // does not fail
	return hex.EncodeToString(b)
}
