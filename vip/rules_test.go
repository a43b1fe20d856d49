package vip_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/argss/argss/vip"
	"github.com/google/go-cmp/cmp"
)

func heard(from string, base, skew, demotion uint8) vip.Heard {
	return vip.Heard{
		Advert: vip.Advert{VHID: 7, Base: base, Skew: skew, Demotion: demotion},
		From:   netip.MustParseAddr(from),
	}
}

func TestBetterOrdersByDemotionIntervalAddress(t *testing.T) {
	best := []vip.Heard{ // each beats all that follow
		heard("10.0.0.9", 200, 0, 0),
		heard("10.0.0.3", 0, 3, 1),
		heard("10.0.0.2", 0, 4, 1),
		heard("10.0.0.10", 0, 4, 1), // numbers, not text
		heard("fd00::1", 0, 4, 1),
		heard("10.0.0.1", 1, 0, 1),
		heard("10.0.0.1", 255, 255, 0), // a leaver loses to the worst demotion
	}
	for i, a := range best {
		for j, b := range best {
			if got, want := vip.Better(a, b), i < j; got != want {
				t.Errorf("Better(%v, %v) = %v, want %v", a, b, got, want)
			}
		}
	}
}

func TestIntervalsAndDeadTimesAreThoseOfCARP(t *testing.T) {
	const tick = time.Second / 256
	for _, c := range []struct {
		base, skew     uint8
		factor         int
		interval, dead time.Duration
	}{
		{1, 0, 0, time.Second, 3 * time.Second},
		{1, 100, 0, time.Second + 100*tick, 3*time.Second + 100*tick},
		{2, 10, 1, 2*time.Second + 10*tick, 2*time.Second + 10*tick},
		{0, 3, 0, 3 * tick, 9 * tick},
		{0, 26, 3, 101562500, 304687500},
		{0, 1, 2, tick, 2 * tick},
	} {
		config := vip.Config{Base: c.base, Skew: c.skew, DeadFactor: c.factor}
		if got := config.Interval(); got != c.interval {
			t.Errorf("%d+%d/256: interval %v, want %v", c.base, c.skew, got, c.interval)
		}
		if got := config.DeadTime(); got != c.dead {
			t.Errorf("%d+%d/256 x %d: dead time %v, want %v", c.base, c.skew, c.factor, got, c.dead)
		}
	}
}

func TestConfigRefusesWhatCannotWork(t *testing.T) {
	good := vip.Config{VHID: 7, Source: source(1), Skew: 3}
	if err := good.Validate(); err != nil {
		t.Errorf("a good configuration was refused: %v", err)
	}
	for want, spoil := range map[string]func(*vip.Config){
		"vhid 0":            func(c *vip.Config) { c.VHID = 0 },
		"no source address": func(c *vip.Config) { c.Source = netip.Addr{} },
		"both 0":            func(c *vip.Config) { c.Skew = 0 },
		"both 255":          func(c *vip.Config) { c.Base, c.Skew = 255, 255 },
		"dead factor -1":    func(c *vip.Config) { c.DeadFactor = -1 },
	} {
		c := good
		spoil(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error about %q", err, want)
		}
	}
}

// A step that goes back in time would grant peers time they do not have.
func TestMachineNeverGoesBackInTime(t *testing.T) {
	m := vip.New(vip.Config{VHID: 7, Source: source(1), Base: 1})
	m.Step(10*time.Second, vip.LinkUp{})
	_, deadline := m.Step(time.Second, vip.Tick{})
	if want := 13 * time.Second; deadline != want {
		t.Errorf("deadline %v, want %v", deadline, want)
	}
	if m.Step(12*time.Second, vip.Tick{}); m.State() != vip.Backup {
		t.Errorf("an early tick made the machine %v", m.State())
	}
}

// The link went while the address was being taken: nobody may keep it.
func TestMachineDropsAnAddressItNoLongerWants(t *testing.T) {
	m := vip.New(vip.Config{VHID: 7, Source: source(1), Base: 1})
	m.Step(0, vip.LinkUp{})
	m.Step(3*time.Second, vip.Tick{})
	m.Step(3*time.Second, vip.LinkDown{})
	effects, deadline := m.Step(3*time.Second, vip.Taken{})
	if len(effects) != 1 || effects[0].Kind != vip.Drop || deadline != vip.Never {
		t.Errorf("effects %v until %v, want one drop and no deadline", effects, deadline)
	}
}

func TestDemotionsAddUpToTheWorstAndNoFurther(t *testing.T) {
	m := vip.New(vip.Config{VHID: 7, Source: source(1), Base: 1})
	var told []uint8
	for range 3 {
		m.Step(0, vip.SendFailed{})
	}
	for _, n := range []uint8{0, 254, 255} {
		m.Step(0, vip.Demote{To: n})
		told = append(told, m.Advert().Demotion)
	}
	for range 3 {
		m.Step(0, vip.Sent{})
	}
	m.Step(0, vip.Demote{To: 3})
	told = append(told, m.Advert().Demotion)
	if diff := cmp.Diff([]uint8{1, 255, 255, 3}, told); diff != "" {
		t.Errorf("demotion after 3 lost adverts at 0, 254, 255, and at 3 after 3 sent ones:\n%s", diff)
	}
}
