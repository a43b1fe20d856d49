package vip_test

import (
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/argss/argss/vip"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what the scenarios say now into testdata")

// TestScenariosGoAsTold plays each file in testdata: paragraphs of commands, a
// line of dashes, and what is then seen. README.md there lists the commands.
func TestScenariosGoAsTold(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 14 {
		t.Fatalf("found %d scenarios, want at least 14 (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			told, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(string(told), "# ") {
				t.Error("the scenario does not open with a sentence about what it tells")
			}
			played := newStage().play(t, string(told))
			if *update {
				if err := os.WriteFile(file, []byte(played), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(told), played); diff != "" {
				t.Errorf("told (-), played (+):\n%s", diff)
			}
		})
	}
}

// stage is a world with a transcript.
type stage struct {
	*world
	script  strings.Builder
	adverts bool // also tell the ordinary adverts
}

func newStage() *stage {
	s := &stage{world: newWorld()}
	s.saw = s.tell
	return s
}

func (s *stage) play(t *testing.T, told string) string {
	var out strings.Builder
	for i, block := range strings.Split(strings.TrimRight(told, "\n"), "\n\n") {
		if i > 0 {
			out.WriteString("\n")
		}
		commands, _, asked := strings.Cut(block+"\n", "\n----\n")
		out.WriteString(strings.TrimRight(commands, "\n") + "\n")
		for _, line := range strings.Split(commands, "\n") {
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			if err := s.command(strings.Fields(line)); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
		}
		if asked {
			out.WriteString("----\n" + s.script.String())
			s.script.Reset()
		}
	}
	return out.String()
}

// tell writes one line for a step that somebody could notice.
func (s *stage) tell(b *box, in vip.Input, before vip.State, effects []vip.Effect) {
	var parts []string
	plain := before == b.machine.State()
	for _, e := range effects {
		part := e.Kind.String()
		if e.Kind == vip.Advertise {
			part += " " + short(e.Advert)
		} else {
			plain = false
		}
		parts = append(parts, part)
	}
	_, ticked := in.(vip.Tick)
	if len(effects) == 0 && before == b.machine.State() || plain && ticked && !s.adverts {
		return
	}
	line := fmt.Sprintf("%9s %s %v: %s", stamp(s.now), b.name, b.machine.State(), nameOf(in))
	if before != b.machine.State() {
		line = fmt.Sprintf("%9s %s %v to %v: %s", stamp(s.now), b.name, before, b.machine.State(), b.machine.Last().Reason)
	}
	if len(parts) > 0 {
		line += "; " + strings.Join(parts, ", ")
	}
	fmt.Fprintln(&s.script, line)
}

func stamp(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 4, 64) }

func short(a vip.Advert) string {
	if a.IsBowOut() {
		return "bow-out"
	}
	return fmt.Sprintf("%d+%d/256 demotion %d", a.Base, a.Skew, a.Demotion)
}

func nameOf(in vip.Input) string {
	name := strings.TrimPrefix(fmt.Sprintf("%T", in), "vip.")
	if h, ok := in.(vip.Heard); ok {
		name += fmt.Sprintf(" %s from %v", short(h.Advert), h.From)
	}
	return name
}

func (s *stage) command(words []string) error {
	do, ok := commands[words[0]]
	if !ok {
		return fmt.Errorf("unknown command")
	}
	return do(s, words[1:])
}

var commands = map[string]func(*stage, []string) error{
	"box":       (*stage).addBox,
	"run":       (*stage).runFor,
	"hear":      (*stage).hear,
	"exclusive": func(s *stage, _ []string) error { s.exclusive = true; return nil },
	"adverts":   func(s *stage, w []string) error { s.adverts = w[0] == "on"; return nil },
	"squatter":  func(s *stage, w []string) error { s.squatter = w[0] == "on"; return nil },
	"who":       (*stage).who,
	"cut":       func(s *stage, w []string) error { return s.cut(w, true) },
	"heal":      func(s *stage, w []string) error { return s.cut(w, false) },
	"up":        each(func(s *stage, b *box) { s.give(b, vip.LinkUp{}) }),
	"down":      each(func(s *stage, b *box) { s.give(b, vip.LinkDown{}) }),
	"stop":      each(func(s *stage, b *box) { s.give(b, vip.Stop{}) }),
	"kill":      each(func(s *stage, b *box) { s.kill(b) }),
	"boot":      each(func(s *stage, b *box) { s.boot(b) }),
	"mute":      each(func(s *stage, b *box) { b.mute = true }),
	"unmute":    each(func(s *stage, b *box) { b.mute = false }),
	"demote":    (*stage).demoteBox,
	"stall":     (*stage).stallBox,
}

func each(do func(*stage, *box)) func(*stage, []string) error {
	return func(s *stage, names []string) error {
		for _, name := range names {
			b, err := s.box(name)
			if err != nil {
				return err
			}
			do(s, b)
		}
		return nil
	}
}

func (s *stage) addBox(w []string) error {
	c := vip.Config{VHID: 7, Source: netip.MustParseAddr(w[1])}
	for _, option := range w[2:] {
		key, value, _ := strings.Cut(option, "=")
		n, err := strconv.Atoi("0" + value)
		if err != nil {
			return err
		}
		switch key {
		case "vhid":
			c.VHID = uint8(n)
		case "base":
			c.Base = uint8(n)
		case "skew":
			c.Skew = uint8(n)
		case "preempt":
			c.Preempt = true
		default:
			return fmt.Errorf("unknown option %q", key)
		}
	}
	s.add(w[0], c)
	return nil
}

func (s *stage) runFor(w []string) error {
	d, err := time.ParseDuration(w[0])
	s.run(s.now + d)
	return err
}

func (s *stage) who(_ []string) error {
	fmt.Fprintf(&s.script, "%9s masters %v, holding %v\n", stamp(s.now), s.masters(), s.holders())
	return nil
}

// cut takes "a b" for both directions and "a > b" for one.
func (s *stage) cut(w []string, off bool) error {
	from, to := w[0], w[len(w)-1]
	s.cuts[[2]string{from, to}] = off
	if len(w) == 2 {
		s.cuts[[2]string{to, from}] = off
	}
	return nil
}

func (s *stage) demoteBox(w []string) error {
	b, err := s.box(w[0])
	if err != nil {
		return err
	}
	n, err := strconv.ParseUint(w[1], 10, 8)
	s.give(b, vip.Demote{To: uint8(n)})
	return err
}

func (s *stage) stallBox(w []string) error {
	b, err := s.box(w[0])
	if err != nil {
		return err
	}
	d, err := time.ParseDuration(w[1])
	s.stall(b, d)
	return err
}

// hear lets a box hear a stranger: "hear a 10.0.0.9 base skew demotion [vhid]".
func (s *stage) hear(w []string) error {
	b, err := s.box(w[0])
	if err != nil {
		return err
	}
	n := [4]uint64{3: 7}
	for i, word := range w[2:] {
		if n[i], err = strconv.ParseUint(word, 10, 8); err != nil {
			return err
		}
	}
	a := vip.Advert{Base: uint8(n[0]), Skew: uint8(n[1]), Demotion: uint8(n[2]), VHID: uint8(n[3])}
	s.give(b, vip.Heard{Advert: a, From: netip.MustParseAddr(w[1])})
	return nil
}
