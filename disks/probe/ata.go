package probe

import (
	"encoding/binary"
	"errors"
	"strings"

	"github.com/argss/argss/disks"
)

// errChecksum is what a sector says that its bytes are not those of the disk.
var errChecksum = errors.New("the checksum of a SMART sector is wrong")

const sector = 512

// ParseSMART reads the sectors of SMART READ DATA and READ THRESHOLDS. Without
// thresholds (nil) none are known.
func ParseSMART(data, limits []byte) (disks.ATA, error) {
	var a disks.ATA
	if len(data) != sector || limits != nil && len(limits) != sector {
		return a, errors.New("a SMART sector has another size")
	}
	if sum(data) != 0 || limits != nil && sum(limits) != 0 {
		return a, errChecksum
	}
	least := map[uint8]uint8{}
	for i := 2; limits != nil && i < 2+30*12; i += 12 {
		least[limits[i]] = limits[i+1]
	}
	for i := 2; i < 2+30*12; i += 12 {
		b := data[i:]
		if b[0] == 0 {
			continue
		}
		raw := uint64(binary.LittleEndian.Uint32(b[5:])) | uint64(binary.LittleEndian.Uint16(b[9:]))<<32
		a.Attributes = append(a.Attributes, disks.Attribute{
			ID: b[0], Prefail: b[1]&1 != 0, Value: b[3], Worst: b[4], Raw: raw, Threshold: least[b[0]],
		})
	}
	if data[363]>>4 == 0xf {
		a.SelfTest.Result = disks.TestRunning
	}
	return a, nil
}

func sum(b []byte) (s uint8) {
	for _, x := range b {
		s += x
	}
	return s
}

// ParseTestLog reads the latest entry of the SMART self-test log.
func ParseTestLog(b []byte) disks.SelfTest {
	if len(b) != sector || sum(b) != 0 || b[508] == 0 || b[508] > 21 {
		return disks.SelfTest{}
	}
	e := b[2+24*int(b[508]-1):]
	t := disks.SelfTest{Result: disks.ATAResult(int(e[1])), Long: e[0]&0x7f == 2, Hours: uint64(binary.LittleEndian.Uint16(e[2:]))}
	if t.Result == disks.TestRead {
		t.LBA = uint64(binary.LittleEndian.Uint32(e[5:]))
	}
	return t
}

// ParseEndurance reads the percentage used from the first eight pages of the
// device statistics log, if the disk keeps it.
func ParseEndurance(b []byte) *uint8 {
	if len(b) != 8*sector {
		return nil
	}
	page := b[7*sector:]
	const supportedAndValid = 0xc0
	if page[2] != 7 || page[15]&supportedAndValid != supportedAndValid {
		return nil
	}
	used := page[8]
	return &used
}

// ParseIdentify fills in who an ATA disk is, and tells whether it keeps SMART
// data.
func ParseIdentify(b []byte, d *disks.Disk) (smart bool) {
	if len(b) != sector {
		return false
	}
	word := func(i int) uint16 { return binary.LittleEndian.Uint16(b[2*i:]) }
	text := func(from, to int) string {
		var s []byte
		for i := from; i <= to; i++ {
			s = append(s, byte(word(i)>>8), byte(word(i)))
		}
		return strings.ToValidUTF8(strings.Trim(string(s), " \x00"), "?")
	}
	d.Serial, d.Firmware, d.Model = text(10, 19), text(23, 26), text(27, 46)
	switch rate := word(217); {
	case rate == 1:
		d.Kind = disks.SSD
	case rate >= 0x401 && rate < 0xffff:
		d.Kind = disks.HDD
	}
	return word(82)&1 != 0 && word(85)&1 != 0
}
