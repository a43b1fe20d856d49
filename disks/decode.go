package disks

import "strings"

// decode returns the count an attribute's raw value stands for.
//
// Seagate packs two numbers into the raw values of 1, 7 and 195 (16 bits of
// errors above 32 bits of operations) and three into 188 (timeouts, those above
// 5 s, those above 7.5 s), so a well disk shows 4295032833 or 200 million
// "errors". Power-on hours of several vendors have milliseconds above.
func decode(d Disk, a Attribute) uint64 {
	raw := a.Raw & (1<<48 - 1)
	switch a.ID {
	case 1, 7, 195:
		if d.seagate() {
			return raw >> 32
		}
	case 188:
		// Others who pack three words are as easily told: no disk lives to see
		// 65,536 timeouts.
		if d.seagate() || raw > 0xffff {
			return max(raw&0xffff, raw>>16&0xffff, raw>>32)
		}
	case 5, 184, 187, 196, 197, 198:
		// Where the upper words are used they hold something else.
		if raw > 0xffff_ffff {
			return raw & 0xffff
		}
	case 9:
		return raw & 0xff_ffff
	}
	return raw
}

// ataTemperature finds the temperature: the lowest byte of the raw value,
// above it some pack the extremes.
func ataTemperature(a *ATA) (int, bool) {
	for _, id := range []uint8{194, 190} {
		x, ok := a.Attribute(id)
		if !ok {
			continue
		}
		if t := int(x.Raw & 0xff); t > 0 && t < 120 {
			return t, true
		}
	}
	return 0, false
}

// Wear returns how much of the writes a flash disk is built for it has taken,
// in percent. It may pass 100.
func (o Observation) Wear() (percent int, known bool) {
	switch {
	case o.NVMe != nil:
		return int(o.NVMe.PercentageUsed), true
	case o.MMC != nil:
		// Steps of ten: the middle of a step is the fairest number.
		step := int(max(o.MMC.LifeTimeA, o.MMC.LifeTimeB))
		return step*10 - 5, step > 0
	case o.ATA == nil || o.Disk.Kind == HDD:
		return 0, false
	case o.ATA.Endurance != nil:
		return int(*o.ATA.Endurance), true
	}
	return wearAttribute(o.Disk, o.ATA)
}

// wearers tell in which attribute a vendor's SSDs count what is left, as a
// normalised value that falls from 100. The same numbers mean other things
// elsewhere, so an unlisted vendor's wear is not known.
var wearers = []struct {
	prefixes []string
	id       uint8
}{
	{[]string{"SAMSUNG", "MZ"}, 177},
	{[]string{"INTEL", "SSDSC", "SOLIDIGM"}, 233},
	{[]string{"CRUCIAL", "CT1", "CT2", "CT4", "CT5", "CT9", "MICRON", "MTFD"}, 202},
	{[]string{"KINGSTON", "CORSAIR", "PATRIOT", "OCZ", "SANDFORCE"}, 231},
	{[]string{"ADATA", "TRANSCEND", "TS", "APACER"}, 169},
}

func wearAttribute(d Disk, a *ATA) (int, bool) {
	model := strings.ToUpper(d.Model)
	for _, w := range wearers {
		for _, prefix := range w.prefixes {
			if !strings.HasPrefix(model, prefix) {
				continue
			}
			if x, ok := a.Attribute(w.id); ok && x.Value > 0 && x.Value <= 100 {
				return 100 - int(x.Value), true
			}
		}
	}
	return 0, false
}
