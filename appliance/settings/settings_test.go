package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func example() Settings {
	return Settings{
		Wiki: "Family wiki", Box: "wichita-1", City: "Wichita", Listen: "127.0.0.1:8080", Data: "data",
		Secret: strings.Repeat("ab", 16),
		Peers:  []Peer{{Name: "tulsa", City: "Tulsa", URL: "http://127.0.0.2:8080"}},
		Shared: &Shared{Address: "127.0.0.9:8080", VHID: 7, Skew: 26, Source: "127.0.0.1:8112", Peers: []string{"127.0.0.3:8112"}},
	}
}

func onLAN() Settings {
	s := example()
	s.Listen = ":80"
	s.Shared = &Shared{Address: "10.77.0.100:80", VHID: 7, LAN: &LAN{
		Interface: "eth0", Source: "10.77.0.1", Peers: []string{"10.77.0.2"}, Control: "/run/vipd/control",
		Addresses: []string{"10.77.0.100/24", "fd77::100/64"},
	}}
	return s
}

func TestSettingsSurviveTheirFile(t *testing.T) {
	for name, want := range map[string]Settings{"loopback": example(), "LAN": onLAN()} {
		t.Run(name, func(t *testing.T) { survive(t, want) })
	}
}

func survive(t *testing.T, want Settings) {
	path := filepath.Join(t.TempDir(), "settings.json")
	if err := want.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret can be read by others: %v, %v", info.Mode(), err)
	}
}

func TestCheckSaysWhatIsWrong(t *testing.T) {
	for want, spoil := range map[string]func(*Settings){
		"box:":                    func(s *Settings) { s.Box = "Wichita 1" },
		"data:":                   func(s *Settings) { s.Data = "" },
		"listen:":                 func(s *Settings) { s.Listen = "8080" },
		"secret:":                 func(s *Settings) { s.Secret = "abcd" },
		"keepers:":                func(s *Settings) { s.Keepers = []string{"x"} },
		"two boxes":               func(s *Settings) { s.Peers[0].Name = s.Box },
		"form http":               func(s *Settings) { s.Peers[0].URL = "ftp://x" },
		"vhid":                    func(s *Settings) { s.Shared.VHID = 0 },
		"form address":            func(s *Settings) { s.Shared.Source = "nowhere" },
		"lan interface":           func(s *Settings) { s.Shared.LAN.Interface = "" },
		"lan addresses":           func(s *Settings) { s.Shared.LAN.Addresses = nil },
		"lan form address/length": func(s *Settings) { s.Shared.LAN.Addresses[0] = "10.77.0.100" },
		"lan own address":         func(s *Settings) { s.Shared.LAN.Peers[0] = "10.77.0.2:80" },
		"lan profile":             func(s *Settings) { s.Shared.LAN.Profile = "furious" },
		"lan control":             func(s *Settings) { s.Shared.LAN.Control = "" },
		"lan not both":            func(s *Settings) { s.Shared.Source = "127.0.0.1:8112" },
		"lan give \":80\"":        func(s *Settings) { s.Listen = "10.77.0.1:80" },
		"lan does not answer":     func(s *Settings) { s.Listen = ":8080" },
		"lan not among":           func(s *Settings) { s.Shared.Address = "10.77.0.99:80" },
		"letters, digits":         func(s *Settings) { s.Peers[0].Name = "-" },
		"lower-case lette":        func(s *Settings) { s.Peers[0].Name = "Tulsa" },
	} {
		s := example()
		if strings.HasPrefix(want, "lan ") {
			s, want = onLAN(), want[len("lan "):]
		}
		spoil(&s)
		if err := s.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"box":"a","listen":"x:1","data":"d","secret":"00000000000000000000000000000000"}`))
	f.Add([]byte(`{"box":"a","listen":":80","data":"d","secret":"00000000000000000000000000000000","shared":{"vhid":1,"skew":0,"address":"10.0.0.9:80","lan":{"interface":"e","source":"10.0.0.1","addresses":["10.0.0.9/24"],"control":"c"}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, err := Parse(data); err == nil && s.Check() != nil {
			t.Errorf("accepted %q", data)
		}
	})
}
