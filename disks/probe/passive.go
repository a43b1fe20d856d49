package probe

import (
	"strconv"
	"strings"

	"github.com/argss/argss/disks"
)

// Passive returns what can be seen of a disk without asking it, which for a
// chip is all there is.
func (s System) Passive(d disks.Disk) disks.Observation {
	o := disks.Observation{Disk: d}
	switch d.Kind {
	case disks.Virtual:
		o.Access = disks.NoHealth
	case disks.Card:
		o.Access = disks.NoCard
	case disks.EMMC:
		o.Access, o.MMC = disks.Answered, s.mmc(d)
	}
	return o
}

// mmc reads a chip's wear, as the kernel read it from the extended CSD.
func (s System) mmc(d disks.Disk) *disks.MMC {
	dir := "block/" + d.Name + "/device/"
	a, b, _ := strings.Cut(line(s.Sys, dir+"life_time"), " ")
	m := &disks.MMC{LifeTimeA: hexByte(a), LifeTimeB: hexByte(b), PreEOL: hexByte(line(s.Sys, dir+"pre_eol_info"))}
	if m.LifeTimeA > 0x0b || m.LifeTimeB > 0x0b || m.PreEOL > 3 {
		return &disks.MMC{} // reserved values
	}
	return m
}

func hexByte(s string) uint8 {
	n, err := strconv.ParseUint(strings.TrimPrefix(strings.TrimSpace(s), "0x"), 16, 8)
	if err != nil {
		return 0
	}
	return uint8(n)
}
