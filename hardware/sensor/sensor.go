// Package sensor reads what a box feels of its surroundings: temperatures, fans,
// power supplies from the kernel's hwmon and power_supply classes, and the UPS
// from a NUT server (RFC 9271), and says what is wrong in one sentence each.
//
// A sensor that cannot be read is left out: boards differ in what they have,
// and many report sensors that are not connected.
package sensor

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// Reading is one sensor at one time. Value and limits are degrees Celsius of a
// temperature, turns per minute of a fan; a supply has neither.
type Reading struct {
	Kind   Kind
	Name   string // "coretemp Package id 0"
	Value  float64
	Limit  float64 // the chip's own critical temperature or least speed, 0: none
	Alarm  bool    // the chip itself complains
	Online bool    // of a supply: it delivers power
}

// Kind is what a sensor measures.
type Kind string

// The kinds.
const (
	Temperature Kind = "temperature"
	Fan         Kind = "fan"
	Voltage     Kind = "voltage" // only its alarm is of use: a Raspberry Pi's is its weak supply
	Supply      Kind = "supply"
)

// Read reads all sensors of the /sys under root.
func Read(root fs.FS) []Reading {
	return append(readHwmon(root), readSupplies(root)...)
}

var hwmonInput = regexp.MustCompile(`^(temp|fan|in)([0-9]+)_(input|lcrit_alarm)$`)

func readHwmon(root fs.FS) []Reading {
	var list []Reading
	const class = "sys/class/hwmon"
	chips, _ := fs.ReadDir(root, class)
	for _, chip := range chips {
		folder := path.Join(class, chip.Name())
		files, _ := fs.ReadDir(root, folder)
		for _, f := range files {
			if m := hwmonInput.FindStringSubmatch(f.Name()); m != nil {
				if r, ok := readInput(root, folder, m[1], m[1]+m[2]); ok && (m[3] == "input") == (m[1] != "in") {
					list = append(list, r)
				}
			}
		}
	}
	return list
}

// readInput reads a sensor of a chip. Temperatures come in thousandths.
func readInput(root fs.FS, folder, kind, name string) (Reading, bool) {
	at := func(suffix string) string { return path.Join(folder, name+suffix) }
	r := Reading{Name: strings.TrimSpace(text(root, path.Join(folder, "name")) + " " + text(root, at("_label"))), Alarm: text(root, at("_alarm")) == "1"}
	var ok bool
	switch kind {
	case "temp":
		r.Kind = Temperature
		r.Value, ok = number(root, at("_input"))
		r.Limit, _ = number(root, at("_crit"))
		r.Value, r.Limit = r.Value/1000, r.Limit/1000
		const least, most = -40, 150 // beyond, the sensor is not connected
		ok = ok && text(root, at("_fault")) != "1" && r.Value > least && r.Value < most
	case "fan":
		r.Kind = Fan
		r.Value, ok = number(root, at("_input"))
		r.Limit, _ = number(root, at("_min"))
		ok = ok && (r.Value > 0 || r.Limit > 0) // at rest and with no least speed it is a plug without a fan
	default:
		r.Kind, ok = Voltage, true
		r.Alarm = text(root, at("_lcrit_alarm")) == "1"
	}
	return r, ok
}

func readSupplies(root fs.FS) []Reading {
	var list []Reading
	const class = "sys/class/power_supply"
	supplies, _ := fs.ReadDir(root, class)
	for _, s := range supplies {
		folder := path.Join(class, s.Name())
		if online := text(root, path.Join(folder, "online")); online != "" && text(root, path.Join(folder, "type")) != "Battery" {
			list = append(list, Reading{Kind: Supply, Name: s.Name(), Online: online != "0"})
		}
	}
	return list
}

func text(root fs.FS, name string) string {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

func number(root fs.FS, name string) (float64, bool) {
	n, err := strconv.ParseInt(text(root, name), 10, 32)
	return float64(n), err == nil
}

// Complaint is one thing wrong.
type Complaint struct {
	Code string // for programs: hot, fan, supply, voltage
	Text string // one sentence for the owner
}

// hot is when a chip without a limit of its own is too hot, in degrees.
const hot = 95

// Judge says what is wrong. One of several supplies without power is told; a box
// with one supply that reads this has power from somewhere.
func Judge(list []Reading) []Complaint {
	var wrong []Complaint
	supplies, dead := 0, []string(nil)
	for _, r := range list {
		switch {
		case r.Kind == Temperature && (r.Alarm || r.Value >= limit(r)):
			wrong = append(wrong, Complaint{"hot", fmt.Sprintf("The box is too hot (%s: %.0f °C). Give it air and look for dust.", r.Name, r.Value)})
		case r.Kind == Fan && (r.Alarm || r.Value < r.Limit):
			wrong = append(wrong, Complaint{"fan", fmt.Sprintf("A fan is too slow (%s: %.0f turns a minute). Clean or replace it.", r.Name, r.Value)})
		case r.Kind == Voltage && r.Alarm:
			wrong = append(wrong, Complaint{"voltage", "The power supply is too weak for this box. Use the one made for it."})
		case r.Kind == Supply:
			supplies++
			if !r.Online {
				dead = append(dead, r.Name)
			}
		}
	}
	if supplies > 1 && len(dead) > 0 {
		wrong = append(wrong, Complaint{"supply", fmt.Sprintf("One power supply gets no power (%s). The box runs on the other; look at the cord.", strings.Join(dead, ", "))})
	}
	return wrong
}

func limit(r Reading) float64 {
	if r.Limit > 0 {
		return r.Limit
	}
	return hot
}
