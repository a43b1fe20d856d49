package daemon

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/argss/argss/vip"
	"github.com/argss/argss/vip/lan"
)

// Settings is what the command line says.
type Settings struct {
	LAN     lan.Config
	Machine vip.Config
	Profile string
	Control string // path of the unix socket; empty for none
}

// profiles is what each profile makes of an election, before skew.
var profiles = map[string]vip.Config{
	"normal":     {Skew: 3, Patience: 100 * time.Millisecond},
	"fast":       {Skew: 1, DeadFactor: 4, Patience: 100 * time.Millisecond},
	"compatible": {Base: 1},
}

// Parse reads the command line, without the program's name, and the file with
// the secret. What is wrong with it is told on out, with the list of flags; the
// error is flag.ErrHelp if help was asked for.
func Parse(args []string, out io.Writer) (Settings, error) {
	var s Settings
	var vhid, skew uint
	var secret string
	flags := flag.NewFlagSet("vipd", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&s.LAN.Interface, "interface", "", "network `interface`, for example eth0")
	flags.TextVar(&s.LAN.Source, "source", netip.Addr{}, "this box's own `address` on it")
	flags.Func("peer", "own `address` of another box; repeat for each, or leave out for CARP alone", func(v string) error {
		a, err := netip.ParseAddr(v)
		s.LAN.Peers = append(s.LAN.Peers, a)
		return err
	})
	flags.Func("address", "shared `address`, with or without /length; repeat for each", func(v string) error {
		p, err := prefix(v)
		s.LAN.Shared = append(s.LAN.Shared, p)
		return err
	})
	flags.UintVar(&vhid, "vhid", 0, "`id` of the group, 1 to 255, unused on this LAN by CARP and VRRP")
	flags.StringVar(&secret, "secret-file", "", "`file` with the passphrase of the group, 1 to 20 bytes (19 beside ucarp)")
	flags.UintVar(&skew, "skew", 0, "`256ths` of a second by which this box is slower, and so less preferred")
	flags.StringVar(&s.Profile, "profile", "normal", "normal, fast or compatible")
	flags.StringVar(&s.Control, "control", "", "unix socket `path` for demotion and status; silence on it demotes")
	flags.BoolVar(&s.LAN.Unicast, "unicast", false, "send CARP to the peers and not to the group")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	err := s.complete(flags.NArg(), vhid, skew, secret)
	if err != nil {
		fmt.Fprintf(out, "vipd: %v\n", err)
	}
	return s, err
}

// prefix reads an address that may have a length; without one it is alone.
func prefix(v string) (netip.Prefix, error) {
	if !strings.Contains(v, "/") {
		a, err := netip.ParseAddr(v)
		if err != nil {
			return netip.Prefix{}, err
		}
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return netip.ParsePrefix(v)
}

func (s *Settings) complete(arguments int, vhid, skew uint, secret string) error {
	profile, known := profiles[s.Profile]
	switch {
	case arguments > 0:
		return errors.New("everything is said with flags; see -help")
	case !known:
		return fmt.Errorf("profile %q: choose normal, fast or compatible", s.Profile)
	case vhid == 0 || vhid > 255:
		return errors.New("no -vhid: choose 1 to 255")
	case skew > 200:
		return fmt.Errorf("skew %d: choose 0 to 200", skew)
	case secret == "":
		return errors.New("no -secret-file: the boxes of a group share a passphrase")
	}
	b, err := os.ReadFile(secret)
	if err != nil {
		return fmt.Errorf("read the passphrase: %w", err)
	}
	s.LAN.Secret = strings.TrimRight(string(b), "\r\n")
	s.LAN.VHID = uint8(vhid)
	s.LAN.Plain = s.Profile == "compatible"
	s.Machine = profile
	s.Machine.VHID, s.Machine.Source = s.LAN.VHID, s.LAN.Source.WithZone("")
	s.Machine.Skew += uint8(skew)
	if err := s.LAN.Validate(); err != nil {
		return err
	}
	return s.Machine.Validate()
}

// name is the same for all programs that would be in each other's way.
func (s *Settings) name() string { return lockName(s.LAN.Interface, s.LAN.VHID) }

func lockName(network string, vhid uint8) string {
	return "@vipd/" + network + "/" + strconv.Itoa(int(vhid))
}
