package disks

import "fmt"

// ata judges the SMART table of a SATA disk.
func (c look) ata() (reasons []Reason) {
	if c.ATA == nil {
		return nil
	}
	reasons = append(reasons, c.own()...)
	for _, r := range []struct {
		signal     Signal
		code, what string
	}{
		{Reallocated, "reallocated", "sector moved away from bad spots"},
		{Uncorrectable, "uncorrectable", "read that could not be corrected"},
		{Pending, "pending", "sector it cannot read at present"},
		{Offline, "offline", "unreadable sector found by its own check"},
		{SpinRetry, "spin-retry", "failed attempt to start turning"},
	} {
		reasons = append(reasons, c.count(r.signal, r.code, r.what)...)
	}
	reasons = append(reasons, c.endToEnd()...)
	reasons = append(reasons, c.link()...)
	return append(reasons, c.selfTest(c.ATA.SelfTest)...)
}

// own is the disk's own judgement, which outweighs every table. An attribute
// that is about age or warmth says so; it does not condemn the disk.
func (c look) own() (reasons []Reason) {
	says := c.ATA.Failing != nil && *c.ATA.Failing
	for _, a := range c.ATA.Attributes {
		now := a.Threshold > 0 && a.Threshold < 0xfe && a.Value <= a.Threshold && a.Value > 0
		past := a.Threshold > 0 && a.Threshold < 0xfe && a.Worst <= a.Threshold && a.Worst > 0
		switch {
		case a.ID == 190 || a.ID == 194: // judged by the temperature itself
		case now && a.Prefail:
			says = false // this is the reason of what the disk says
			reasons = append(reasons, Reason{Code: "failing", Grade: Failed, Text: fmt.Sprintf("This disk says that it is failing: %s is at %d, and %d is the least allowed. Replace it now; the other boxes have everything.", name(a.ID), a.Value, a.Threshold)})
		case now:
			reasons = append(reasons, Reason{Code: "aged", Grade: Watch, Mark: uint64(a.Threshold - a.Value), Signal: Signal(name(a.ID)), Text: fmt.Sprintf("This disk is older than it was built for: %s is at %d of at least %d. Plan its replacement.", name(a.ID), a.Value, a.Threshold)})
		case past && a.Prefail:
			reasons = append(reasons, Reason{Code: "failed-before", Grade: Watch, Mark: uint64(a.Threshold - a.Worst), Signal: Signal(name(a.ID)), Text: fmt.Sprintf("This disk was failing at some time: %s was down to %d, and %d is the least allowed. Watch it, and replace it if it happens again.", name(a.ID), a.Worst, a.Threshold)})
		}
	}
	if says && c.saysFailing() {
		reasons = append(reasons, Reason{Code: "failing", Grade: Failed, Text: "This disk says that it is failing (SMART status). Replace it now; the other boxes have everything."})
	}
	return reasons
}

// saysFailing believes a failing status unless a bridge made it up: some
// answer so for every disk, with a table in which nothing is amiss because it
// is empty.
func (c look) saysFailing() bool { return len(c.ATA.Attributes) > 0 || !c.Disk.USB }

// count judges one of the counts that foretell failure.
func (c look) count(s Signal, code, what string) []Reason {
	n := c.values[s]
	day, week := c.grown(s)
	g := byOdds(s, n, day, week)
	switch {
	case s == SpinRetry: // the sample behind its odds is tiny
		g = min(g, Watch)
	case c.Disk.Kind == SSD && factor(day, week) < 4: // the odds are of spinning disks, flash replaces blocks as it ages
		g = min(g, Watch)
	}
	if g == Good {
		return nil
	}
	text := fmt.Sprintf("This disk reports %s", count(n, what))
	switch {
	case day.More > 0 && day.Base > 0:
		text += fmt.Sprintf(", %d more than a day ago", day.More)
	case week.More > 0 && week.Base > 0:
		text += fmt.Sprintf(", %d more than a week ago", week.More)
	case week.Whole && week.More == 0:
		text += ", as many as a week ago"
	default:
		level, _ := Odds(s, n)
		text += fmt.Sprintf("; about %d in 100 such disks fail within a year", percent(level))
	}
	if g == Replace {
		return []Reason{c.reason(code, g, s, "%s. Replace it soon; the other boxes have everything.", text)}
	}
	return []Reason{c.reason(code, g, s, "%s. Nothing to do yet; you will hear when it grows.", text)}
}

func (c look) endToEnd() []Reason {
	n := c.values[EndToEnd]
	if n == 0 {
		return nil
	}
	if day, week := c.grown(EndToEnd); day.More > 0 && day.Base > 0 {
		return []Reason{c.reason("end-to-end", Replace, EndToEnd, "This disk spoilt data on its way through its cache %s, %d more than a day ago. Replace it soon; the other boxes have everything.", times(n), day.More)}
	} else if week.Whole && week.More == 0 {
		return nil
	}
	return []Reason{c.reason("end-to-end", Watch, EndToEnd, "This disk spoilt data on its way through its cache %s. Nothing is lost; watch whether it goes on.", times(n))}
}

// link judges what points at the cable. The counts never fall, so an old one
// that stands still is forgotten.
func (c look) link() (reasons []Reason) {
	n := c.values[CRCErrors]
	_, week := c.grown(CRCErrors)
	if n >= 2 && !(week.Whole && week.More == 0) {
		reasons = append(reasons, c.reason("cable", Watch, CRCErrors, "Data was garbled %s between this disk and the box: reseat or replace the cable. The disk itself is not to blame.", times(n)))
	}
	n = c.values[CommandTimeout]
	day, week := c.grown(CommandTimeout)
	if day.More >= 3 || week.More >= 10 || !week.Whole && n >= 100 {
		reasons = append(reasons, c.reason("timeout", Watch, CommandTimeout, "This disk let the box wait in vain %s: look at its cable and its power supply first.", times(n)))
	}
	return reasons
}

func (c look) selfTest(t SelfTest) []Reason {
	if !t.Result.Failed() {
		return nil
	}
	where := ""
	if t.Result == TestRead && t.LBA > 0 {
		where = fmt.Sprintf(" at sector %d", t.LBA)
	}
	return []Reason{{Code: "self-test", Grade: Replace, Signal: "self_test", Mark: t.Hours, Text: fmt.Sprintf("This disk did not pass its test of itself (%s%s). Replace it soon; the other boxes have everything.", t.Result, where)}}
}

// names are those smartctl prints, for the attributes that carry thresholds.
var names = map[uint8]string{
	1: "Raw_Read_Error_Rate", 2: "Throughput_Performance", 3: "Spin_Up_Time", 7: "Seek_Error_Rate", 8: "Seek_Time_Performance",
	11: "Calibration_Retry_Count", 12: "Power_Cycle_Count", 177: "Wear_Leveling_Count", 196: "Reallocated_Event_Count",
	200: "Multi_Zone_Error_Rate", 202: "Percent_Lifetime_Remain", 231: "SSD_Life_Left", 232: "Available_Reservd_Space",
	233: "Media_Wearout_Indicator",
}

func name(id uint8) string {
	if s, ok := attributes[id]; ok {
		return string(s)
	}
	if s, ok := names[id]; ok {
		return s
	}
	return fmt.Sprintf("attribute %d", id)
}
