package probe

import (
	"encoding/binary"
	"errors"
	"strings"

	"github.com/argss/argss/disks"
)

// ParseHealth reads the SMART / Health Information log of an NVMe disk.
func ParseHealth(b []byte) (disks.Health, error) {
	if len(b) != sector {
		return disks.Health{}, errors.New("the health log has another size")
	}
	return disks.Health{
		CriticalWarning:         b[0],
		Temperature:             int(binary.LittleEndian.Uint16(b[1:])) - 273,
		AvailableSpare:          b[3],
		AvailableSpareThreshold: b[4],
		PercentageUsed:          b[5],
		DataUnitsWritten:        count128(b[48:]),
		PowerCycles:             count128(b[112:]),
		PowerOnHours:            count128(b[128:]),
		UnsafeShutdowns:         count128(b[144:]),
		MediaErrors:             count128(b[160:]),
	}, nil
}

// count128 reads a count of 128 bits; one beyond 64 is as large as can be.
func count128(b []byte) uint64 {
	if binary.LittleEndian.Uint64(b[8:]) != 0 {
		return 1<<64 - 1
	}
	return binary.LittleEndian.Uint64(b)
}

// ParseController fills in who an NVMe disk is and returns from which
// temperature on it warns, 0 if it does not say.
func ParseController(b []byte, d *disks.Disk) (warn int) {
	if len(b) != 4096 {
		return 0
	}
	text := func(from, to int) string { return strings.ToValidUTF8(strings.Trim(string(b[from:to]), " \x00"), "?") }
	d.Serial, d.Model, d.Firmware = text(4, 24), text(24, 64), text(64, 72)
	if kelvin := binary.LittleEndian.Uint16(b[266:]); kelvin > 273 {
		warn = int(kelvin) - 273
	}
	return warn
}

// nvmeTestLog is the size of the device self-test log.
const nvmeTestLog = 564

// ParseNVMeTestLog reads the latest result of the device self-test log.
func ParseNVMeTestLog(b []byte) disks.SelfTest {
	if len(b) != nvmeTestLog {
		return disks.SelfTest{}
	}
	if b[0]&0xf != 0 {
		return disks.SelfTest{Result: disks.TestRunning}
	}
	e := b[4:]
	t := disks.SelfTest{Long: e[0]>>4 == 2, Hours: binary.LittleEndian.Uint64(e[4:])}
	switch e[0] & 0xf {
	case 0:
		if e[0] != 0 {
			t.Result = disks.TestPassed
		}
	case 1, 2, 3, 4, 8, 9:
		t.Result = disks.TestAborted
	case 5, 6, 7:
		t.Result = disks.TestUnknown
	}
	return t
}
