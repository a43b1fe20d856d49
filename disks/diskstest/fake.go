package diskstest

import (
	"encoding/binary"
	"errors"

	"github.com/argss/argss/disks"
	"github.com/argss/argss/disks/probe"
)

// Fake answers commands as the disk of an observation would, and remembers
// which were sent.
type Fake struct {
	Observation disks.Observation
	Asleep      bool
	Sent        []uint8 // ATA commands and NVMe opcodes
	Woken       bool    // something was sent that a sleeping disk must wake up for
}

var _ probe.Device = (*Fake)(nil)

// Close implements probe.Device.
func (f *Fake) Close() error { return nil }

var errRefused = errors.New("the disk refuses the command")

// ATA implements probe.Device.
func (f *Fake) ATA(c probe.Command, data []byte) (probe.Registers, error) {
	f.Sent = append(f.Sent, c.Command)
	a := f.Observation.ATA
	if a == nil {
		return probe.Registers{}, errRefused
	}
	if f.Asleep && c.Command != 0xe5 && c.Command != 0xe0 {
		f.Woken = true
	}
	switch {
	case c.Command == 0xe5 && f.Asleep:
		return probe.Registers{Count: 0}, nil
	case c.Command == 0xe5:
		return probe.Registers{Count: 0xff}, nil
	case c.Command == 0xe0:
		f.Asleep = true
	case c.Command == 0xec:
		copy(data, f.identify())
	case c.Command == 0xb0 && c.Feature == 0xd0:
		copy(data, SMARTData(*a))
	case c.Command == 0xb0 && c.Feature == 0xd1:
		copy(data, SMARTLimits(*a))
	case c.Command == 0xb0 && c.Feature == 0xda:
		if a.Failing == nil {
			return probe.Registers{}, errRefused
		}
		if *a.Failing {
			return probe.Registers{LBA: 0x2cf400}, nil
		}
		return probe.Registers{LBA: 0xc24f00}, nil
	case c.Command == 0xb0 && c.Feature == 0xd4:
	default:
		return probe.Registers{}, errRefused
	}
	return probe.Registers{}, nil
}

// Admin implements probe.Device.
func (f *Fake) Admin(c probe.Admin, data []byte) error {
	f.Sent = append(f.Sent, c.Opcode)
	h := f.Observation.NVMe
	switch {
	case h == nil:
		return errRefused
	case c.Opcode == 2 && c.Words[0]&0xff == 2:
		data[0], data[3], data[4], data[5] = h.CriticalWarning, h.AvailableSpare, h.AvailableSpareThreshold, h.PercentageUsed
		binary.LittleEndian.PutUint16(data[1:], uint16(h.Temperature+273))
		for at, n := range map[int]uint64{48: h.DataUnitsWritten, 112: h.PowerCycles, 128: h.PowerOnHours, 144: h.UnsafeShutdowns, 160: h.MediaErrors} {
			binary.LittleEndian.PutUint64(data[at:], n)
		}
	case c.Opcode == 6:
		copy(data[4:24], f.Observation.Disk.Serial)
		copy(data[24:64], f.Observation.Disk.Model)
	case c.Opcode == 0x14:
	default:
		return errRefused
	}
	return nil
}

func (f *Fake) identify() []byte {
	b := make([]byte, 512)
	swap := func(from, to int, s string) {
		for i := range 2 * (to - from + 1) {
			x := byte(' ')
			if i < len(s) {
				x = s[i]
			}
			b[2*from+i^1] = x
		}
	}
	swap(10, 19, f.Observation.Disk.Serial)
	swap(23, 26, f.Observation.Disk.Firmware)
	swap(27, 46, f.Observation.Disk.Model)
	b[2*82], b[2*85] = 1, 1                                                         // SMART is there, and on
	b[2*80], b[2*80+1], b[2*83+1], b[2*84+1], b[2*87+1] = 0xf0, 1, 0x40, 0x40, 0x40 // the words above are valid
	rate := uint16(5400)
	if f.Observation.Disk.Kind == disks.SSD {
		rate = 1
	}
	binary.LittleEndian.PutUint16(b[2*217:], rate)
	return b
}

// SMARTData is the sector of SMART READ DATA.
func SMARTData(a disks.ATA) []byte {
	b := make([]byte, 512)
	b[0] = 16
	for i, x := range a.Attributes {
		e := b[2+12*i:]
		e[0], e[3], e[4] = x.ID, x.Value, x.Worst
		if x.Prefail {
			e[1] = 1
		}
		binary.LittleEndian.PutUint32(e[5:], uint32(x.Raw))
		binary.LittleEndian.PutUint16(e[9:], uint16(x.Raw>>32))
	}
	return summed(b)
}

// SMARTLimits is the sector of SMART READ THRESHOLDS.
func SMARTLimits(a disks.ATA) []byte {
	b := make([]byte, 512)
	b[0] = 16
	for i, x := range a.Attributes {
		b[2+12*i], b[3+12*i] = x.ID, x.Threshold
	}
	return summed(b)
}

func summed(b []byte) []byte {
	var s uint8
	for _, x := range b {
		s += x
	}
	b[511] = -s
	return b
}
