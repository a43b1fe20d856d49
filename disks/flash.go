package disks

import "fmt"

// nvme judges the health log of an NVMe disk.
func (c look) nvme() (reasons []Reason) {
	h := c.NVMe
	if h == nil {
		return nil
	}
	reasons = append(reasons, c.warnings(h)...)
	if h.CriticalWarning&WarnSpare == 0 && h.AvailableSpareThreshold > 0 {
		switch spare, least := int(h.AvailableSpare), int(h.AvailableSpareThreshold); {
		case spare < least:
			reasons = append(reasons, c.spare("spare", Failed, "Its spare blocks are down to %d %%, and %d %% is the least allowed. Replace it now; the other boxes have everything.", spare, least))
		case spare < min(100, least+10):
			reasons = append(reasons, c.spare("spare", Watch, "Its spare blocks are down to %d %%; at %d %% the disk must go. Get a new one.", spare, least))
		}
	}
	reasons = append(reasons, c.media()...)
	if _, week := c.grown(UnsafeOff); week.More >= 3 {
		reasons = append(reasons, c.reason("power", Watch, UnsafeOff, "This disk lost its power %s within a week without a warning. Look at the plug and the power supply, or add a battery (UPS).", times(week.More)))
	}
	return append(reasons, c.selfTest(h.SelfTest)...)
}

// spare's mark rises as the spare falls.
func (c look) spare(code string, g Grade, format string, a ...any) Reason {
	return Reason{Code: code, Grade: g, Signal: Spare, Mark: 100 - min(100, c.values[Spare]), Text: fmt.Sprintf(format, a...)}
}

func (c look) warnings(h *Health) (reasons []Reason) {
	const now = "Replace it now; the other boxes have everything."
	for _, w := range []struct {
		bit  uint8
		code string
		g    Grade
		text string
	}{
		{WarnReadOnly, "read-only", Failed, "This disk takes no more writes. Pages can be read. " + now},
		{WarnReliability, "failing", Failed, "This disk says that it is failing (critical warning 0x%02x). " + now},
		{WarnSpare, "spare", Failed, "This disk says that its spare blocks are used up (%[2]d %% left). " + now},
		{WarnBackup, "backup", Failed, "This disk says that it would lose its cache when the power fails (critical warning 0x%02x). " + now},
		{WarnMemory, "failing", Failed, "This disk says that part of its memory is no longer reliable (critical warning 0x%02x). " + now},
		{WarnTemperature, "temperature-warning", Watch, "This disk says that it is too hot or too cold, at %[3]d °C. Give the box air."},
		{0xc0, "failing", Failed, "This disk says that something is wrong (critical warning 0x%02x). " + now},
	} {
		if h.CriticalWarning&w.bit != 0 {
			text := fmt.Sprintf(w.text+"%[4]s", h.CriticalWarning, h.AvailableSpare, h.Temperature, "")
			reasons = append(reasons, Reason{Code: w.code, Grade: w.g, Signal: Warning, Mark: uint64(h.CriticalWarning & w.bit), Text: text})
		}
	}
	return reasons
}

// media judges errors of the flash itself.
func (c look) media() []Reason {
	n := c.values[MediaErrors]
	day, week := c.grown(MediaErrors)
	switch {
	case n == 0, week.Whole && week.More == 0:
		return nil
	case factor(day, week) == 4:
		return []Reason{c.reason("media", Replace, MediaErrors, "This disk could not read back %s, %d more than a day ago. Replace it soon; the other boxes have everything.", count(n, "piece of data"), day.More)}
	}
	return []Reason{c.reason("media", Watch, MediaErrors, "This disk could not read back %s. What was lost is fetched from another box; you will hear when it grows.", count(n, "piece of data"))}
}

// mmc judges what an eMMC chip reports beside its wear.
func (c look) mmc() []Reason {
	if c.MMC == nil {
		return nil
	}
	switch c.MMC.PreEOL {
	case 2:
		return []Reason{plain("spare", Watch, "This chip has used 80 %% of its spare blocks. Plan a new disk for the wiki.")}
	case 3:
		return []Reason{plain("spare", Replace, "This chip has used up its spare blocks. Replace it soon; the other boxes have everything.")}
	}
	if _, known := c.Wear(); !known && c.MMC.PreEOL == 0 {
		return []Reason{plain("no-smart", Unknown, "This chip does not say how worn it is. Keep the wiki on another kind of disk.")}
	}
	return nil
}

// Wear from which an owner hears of it, in percent.
const (
	wornWatch   = 80
	wornReplace = 100
	wornTwins   = 40 // from here twins of one age are worth a word
	wornAlike   = 5
)

func (c look) wear() []Reason {
	wear, known := c.Wear()
	switch {
	case !known || wear < wornWatch:
		return nil
	case wear >= wornReplace:
		return []Reason{c.reason("wear", Replace, Wear, "This disk has taken %d %% of the writes it is built for. Replace it soon; such disks stop without a warning.", wear)}
	}
	return []Reason{c.reason("wear", Watch, Wear, "This disk has taken %d %% of the writes it is built for. Plan its replacement.", wear)}
}

// TwinWear returns what there is to say about a disk and its twin in the other
// box: two that were bought together wear out together, and then neither is the
// other's safety.
func TwinWear(own, twin int) []Reason {
	apart := own - twin
	if apart < 0 {
		apart = -apart
	}
	if min(own, twin) < wornTwins || apart > wornAlike {
		return nil
	}
	return []Reason{{Code: "twin-wear", Grade: Watch, Signal: "twin_" + Wear, Mark: uint64(own / wornAlike * wornAlike), Text: fmt.Sprintf("Both twins wear out together: this disk is at %d %%, the twin's at %d %%. Replace one of them well before the other.", own, twin)}}
}
