package pid1

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func places(t *testing.T, cmdline string) sources {
	return sources{cmdline: cmdline, perm: t.TempDir(), boot: t.TempDir(), mac: "525400123456",
		random: func() string { return strings.Repeat("ab", 32) }}
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestABoxWithoutSettingsIsNamedAfterItsMACAndStaysSo(t *testing.T) {
	s := places(t, "quiet")
	first, err := s.choose()
	if err != nil || first.Box != "argss-123456" || first.Listen != ":80" {
		t.Fatalf("%+v, %v", first, err)
	}
	s.random = func() string { return strings.Repeat("cd", 32) }
	if again, err := s.choose(); err != nil || again.Secret != first.Secret {
		t.Errorf("the next start has another secret (%v)", err)
	}
}

func TestSettingsOnTheBootPartitionAreTakenOver(t *testing.T) {
	s := places(t, "")
	put(t, s.boot, "argss.json", `{"box":"tulsa-1","network":{"addresses":["10.0.0.5/24"]}}`)
	for range 2 {
		if got, err := s.choose(); err != nil || got.Box != "tulsa-1" || got.Network.Addresses[0] != "10.0.0.5/24" {
			t.Errorf("%+v, %v", got, err)
		}
		_ = os.Remove(filepath.Join(s.boot, "argss.json"))
	}
}

func TestCommandLineComesFirstAndIsNotKept(t *testing.T) {
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"box":"bench"}`))
	s := places(t, "quiet argss.settings="+text)
	if got, err := s.choose(); err != nil || got.Box != "bench" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := os.Stat(s.kept()); err == nil {
		t.Error("settings of the command line were kept")
	}
}

func TestWrongSettingsAreToldAndNeitherUsedNorOverwritten(t *testing.T) {
	for name, text := range map[string]string{
		"torn": `{"box":"tul`, "unknown member": `{"bocks":"x"}`, "bad name": `{"box":"A B"}`,
		"bad address": `{"network":{"addresses":["10.0.0.5"]}}`, "trap": `{"network":{"gateway":"10.0.0.1"}}`,
	} {
		s := places(t, "argss.settings=%%%")
		put(t, s.perm, "settings.json", text)
		put(t, s.boot, "argss.json", text)
		got, err := s.choose()
		if got.Check() != nil || got.Box != "argss-123456" || err == nil {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if b, _ := os.ReadFile(s.kept()); string(b) != text {
			t.Errorf("%s: the owner's file was overwritten", name)
		}
	}
}
