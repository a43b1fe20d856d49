package sensor

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// tree is constructed after Documentation/hwmon and power_supply of the kernel.
func tree(files ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		m["sys/class/"+files[i]] = &fstest.MapFile{Data: []byte(files[i+1] + "\n")}
	}
	return m
}

func TestSensorsAreReadAndJudged(t *testing.T) {
	for _, c := range []struct {
		name  string
		tree  fstest.MapFS
		count int
		wrong []string
	}{
		{"nothing", tree(), 0, nil},
		{"cool", tree("hwmon/hwmon0/name", "k10temp", "hwmon/hwmon0/temp1_input", "61500"), 1, nil},
		{"beyond the chip's limit", tree("hwmon/hwmon0/name", "nvme", "hwmon/hwmon0/temp1_input", "85000", "hwmon/hwmon0/temp1_crit", "84850"), 1, []string{"hot"}},
		{"hot without a limit", tree("hwmon/hwmon0/temp1_input", "96000"), 1, []string{"hot"}},
		{"not connected", tree("hwmon/hwmon0/temp3_input", "-128000", "hwmon/hwmon0/fan2_input", "0"), 0, nil},
		{"a sensor that says it is broken", tree("hwmon/hwmon0/temp1_input", "99000", "hwmon/hwmon0/temp1_fault", "1"), 0, nil},
		{"no number", tree("hwmon/hwmon0/temp1_input", "hot", "hwmon/hwmon0/fan1_input", "99999999999999999999"), 0, nil},
		{"a fan that stands", tree("hwmon/hwmon1/fan1_input", "0", "hwmon/hwmon1/fan1_min", "600"), 1, []string{"fan"}},
		{"a fan that turns", tree("hwmon/hwmon1/fan1_input", "1200", "hwmon/hwmon1/fan1_min", "600"), 1, nil},
		{"a weak supply", tree("hwmon/hwmon0/name", "rpi_volt", "hwmon/hwmon0/in0_lcrit_alarm", "1"), 1, []string{"voltage"}},
		{"one cord out", tree("power_supply/PSU1/type", "Mains", "power_supply/PSU1/online", "1", "power_supply/PSU2/type", "Mains", "power_supply/PSU2/online", "0"), 2, []string{"supply"}},
		{"both cords in", tree("power_supply/PSU1/online", "1", "power_supply/PSU2/online", "1"), 2, nil},
		{"a mouse's battery", tree("power_supply/hid/type", "Battery", "power_supply/hid/online", "0", "power_supply/AC/online", "1"), 1, nil},
	} {
		list := Read(c.tree)
		var wrong []string
		for _, w := range Judge(list) {
			wrong = append(wrong, w.Code)
		}
		if diff := cmp.Diff(c.wrong, wrong); diff != "" || len(list) != c.count {
			t.Errorf("%s: %+v\n%s", c.name, list, diff)
		}
	}
}
