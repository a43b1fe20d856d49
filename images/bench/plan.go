package bench

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/argss/argss/images/bench/machine"
)

// Plan is one box of a World.
type Plan struct {
	Name   string
	Arch   machine.Arch // "": amd64
	UEFI   bool         // start from the disk, as real boxes do
	Abroad bool         // in the other city
	Alone  bool         // knows of no other box
	Kernel string       // more of its options, where it is started without UEFI
}

// Twins are the two boxes at home; Three are the twins and the box in the other
// city.
var (
	Twins = []Plan{{Name: "wichita-1"}, {Name: "wichita-2"}}
	Three = append(Twins[:2:2], Plan{Name: "tulsa", Abroad: true})
)

// Addresses of a World.
const (
	SharedAddress = "10.77.0.100"
	homeRouter    = "10.77.0.1"
	cityRouter    = "10.77.1.1"
)

// place is where the i-th box of a World is.
type place struct {
	Plan
	number int
}

func (p place) address() string {
	if p.Abroad {
		return fmt.Sprintf("10.77.1.%d", 11+p.number)
	}
	return fmt.Sprintf("10.77.0.%d", 11+p.number)
}

func (p place) mac() string { return fmt.Sprintf("52:54:00:77:00:%02x", 11+p.number) }

func (p place) url() string { return "http://" + p.address() }

// settings are the box's, in JSON: what package appliance/settings reads.
func (p place) settings(all []place) []byte {
	type object = map[string]any
	city, router := "Wichita", homeRouter
	if p.Abroad {
		city, router = "Tulsa", cityRouter
	}
	own := object{
		"wiki": "Bench", "box": p.Name, "city": city, "listen": ":80", "data": "/perm/wiki",
		"secret":  strings.Repeat("5a", 32),
		"network": object{"addresses": []string{p.address() + "/24"}, "gateway": router},
	}
	var peers []object
	var twins []string
	for _, other := range all {
		if other.number == p.number || p.Alone || other.Alone {
			continue
		}
		peers = append(peers, object{"name": other.Name, "city": "elsewhere", "url": other.url()})
		if !other.Abroad {
			twins = append(twins, other.address())
		}
	}
	if len(peers) > 0 {
		own["peers"] = peers
	}
	if len(twins) > 0 && !p.Abroad {
		own["shared"] = object{
			"address": SharedAddress + ":80", "vhid": 77, "skew": 20 * p.number,
			"lan": object{
				"interface": "eth0", "source": p.address(), "peers": twins,
				"addresses": []string{SharedAddress + "/24"}, "control": "/run/argss/vipd", "vipd": "/argss/vipd",
			},
		}
	}
	text, err := json.Marshal(own)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return text
}
