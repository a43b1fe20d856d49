//go:build system

package appliance_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/argss/argss/appliance/settings"
	"github.com/argss/argss/vip/labtest"
)

const onTheLAN = "10.77.0.100"

// twinBox is a real boxd, which starts a real vipd, on a laboratory's LAN.
type twinBox struct {
	*labtest.Box
	boxd, vipd, settings string
	running              *labtest.Process
}

func newTwins(t *testing.T) (lab *labtest.Lab, twins [2]*twinBox) {
	t.Helper()
	lab = labtest.New(t)
	dir := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", dir, "./boxd", "../vip/vipd").CombinedOutput(); err != nil {
		t.Fatalf("build the programs: %v\n%s", err, out)
	}
	for i := range twins {
		me, other := fmt.Sprint("10.77.0.", i+1), fmt.Sprint("10.77.0.", 2-i)
		s := settings.Settings{
			Wiki: "Test", Box: fmt.Sprint("box", i+1), City: "Here", Listen: ":80", Data: t.TempDir(), Secret: strings.Repeat("5e", 16),
			Peers: []settings.Peer{{Name: fmt.Sprint("box", 2-i), URL: "http://" + other}},
			Shared: &settings.Shared{Address: onTheLAN + ":80", VHID: 7, LAN: &settings.LAN{
				Interface: "eth0", Source: me, Peers: []string{other}, Addresses: []string{onTheLAN + "/24"},
				Control: filepath.Join(t.TempDir(), "control"), Vipd: filepath.Join(dir, "vipd"),
			}},
		}
		b := &twinBox{Box: lab.Box(s.Box, me+"/24"), boxd: filepath.Join(dir, "boxd"), vipd: s.Shared.LAN.Vipd, settings: filepath.Join(t.TempDir(), "settings.json")}
		if err := s.Save(b.settings); err != nil {
			t.Fatal(err)
		}
		twins[i] = b
		b.start()
		if i == 0 {
			b.holds(t, true)
		}
	}
	twins[1].running.Expect("to=backup")
	return lab, twins
}

func (b *twinBox) start() {
	b.running = b.Start(b.boxd, "-settings", b.settings)
	b.running.Expect("box is up")
}

func (b *twinBox) holds(t *testing.T, want bool) {
	t.Helper()
	labtest.Wait(t, fmt.Sprintf("%s to hold the address: %v", b.Name, want), func() bool { return b.Has(onTheLAN) == want })
}

// answers waits until a client reads the shared address's status from a box.
func answers(t *testing.T, client *labtest.Box, b *twinBox) {
	t.Helper()
	labtest.Wait(t, "the shared address to be answered by "+b.Name, func() bool {
		out, err := client.Try("curl", "-s", "-m", "2", "http://"+onTheLAN+"/status.json")
		return err == nil && strings.Contains(out, fmt.Sprintf("%q: %q", "box", b.Name)) && strings.Contains(out, `"role": "master"`)
	})
}

func TestSystemDeathOfABoxMovesTheAddressOfTheWiki(t *testing.T) {
	for name, kill := range map[string]func(t *testing.T, b *twinBox){
		"boxd":    func(_ *testing.T, b *twinBox) { b.running.Kill() },
		"planned": func(_ *testing.T, b *twinBox) { b.running.Terminate() },
		"all":     func(_ *testing.T, b *twinBox) { b.Crash() },
		"cable":   func(_ *testing.T, b *twinBox) { b.Pull() },
	} {
		t.Run(name, func(t *testing.T) {
			lab, twins := newTwins(t)
			client := lab.Box("client", "10.77.0.9/24")
			answers(t, client, twins[0])
			kill(t, twins[0])
			twins[1].holds(t, true)
			answers(t, client, twins[1])
			if name == "cable" {
				twins[0].Plug()
			} else {
				twins[0].start()
			}
			twins[0].holds(t, false)
			answers(t, client, twins[1])
		})
	}
}

// Vipd alone is killed: its address goes with it, and boxd starts another.
func TestSystemKilledVipdIsStartedAgain(t *testing.T) {
	lab, twins := newTwins(t)
	client := lab.Box("client", "10.77.0.9/24")
	answers(t, client, twins[0])
	out, err := exec.Command("pkill", "-KILL", "-P", fmt.Sprint(twins[0].running.Pid()), "vipd").CombinedOutput()
	if err != nil {
		t.Fatalf("kill vipd: %v %s", err, out)
	}
	twins[1].holds(t, true)
	answers(t, client, twins[1])
	twins[0].holds(t, false)
	labtest.Wait(t, "another vipd", func() bool { return strings.Count(twins[0].running.Log(), "vipd begins") > 1 })
}
