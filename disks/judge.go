package disks

import (
	"fmt"
	"time"
)

// Stale is how old an observation may be before nothing is known any more.
const Stale = 5 * time.Minute

// Silent is how long a disk may keep its health to itself: two daily looks at
// one that sleeps.
const Silent = 50 * time.Hour

// Judge returns the verdict on a disk at a time, given what it was before.
func Judge(o Observation, past History, now time.Time) Verdict {
	c := look{o, o.Signals(), past, now}
	var v Verdict
	v.add(c.presence()...)
	v.add(c.access()...)
	v.add(c.volume()...)
	v.add(c.kernel()...)
	v.add(c.ata()...)
	v.add(c.nvme()...)
	v.add(c.mmc()...)
	v.add(c.wear()...)
	v.add(c.temperature()...)
	v.add(c.cycles()...)
	return v
}

// look is one observation in the light of those before.
type look struct {
	Observation
	values Values
	past   History
	now    time.Time
}

// grown returns how a signal moved within a day and a week.
func (c look) grown(s Signal) (day, week Growth) {
	return c.past.Growth(s, c.values[s], c.now, Day), c.past.Growth(s, c.values[s], c.now, Week)
}

// reason makes a reason about a signal, marked with its present value.
func (c look) reason(code string, g Grade, s Signal, format string, a ...any) Reason {
	return Reason{Code: code, Grade: g, Text: fmt.Sprintf(format, a...), Signal: s, Mark: c.values[s]}
}

func plain(code string, g Grade, format string, a ...any) Reason {
	return Reason{Code: code, Grade: g, Text: fmt.Sprintf(format, a...)}
}

func (c look) presence() []Reason {
	switch {
	case c.At.IsZero():
		return []Reason{plain("stale", Unknown, "This disk has not been looked at yet.")}
	case c.now.Sub(c.At) > Stale:
		return []Reason{plain("stale", Unknown, "This disk has not been looked at for %s. Restart the box if that goes on.", roughly(c.now.Sub(c.At)))}
	}
	return nil
}

// access says why nothing is known where nothing is: unknown is never good.
func (c look) access() []Reason {
	switch c.Access {
	case Answered:
		return c.answered()
	case NoBridge:
		return []Reason{plain("no-smart", Unknown, "SMART not available through this USB adapter: nothing is known of this disk's health. Put the disk into another adapter, or rely on the copies on the other boxes.")}
	case NoHealth:
		return []Reason{plain("no-smart", Unknown, "This is a virtual disk: its health is known to its host alone.")}
	case NoCard:
		return []Reason{plain("no-smart", Unknown, "SD cards do not say how worn they are. Keep the wiki on another kind of disk.")}
	case NotAllowed:
		return []Reason{plain("no-smart", Unknown, "This disk's health is not known: the program may not ask it. It is asked when ARGSS runs as the box's own firmware.")}
	case Unsupported:
		return []Reason{plain("no-smart", Unknown, "This disk does not report its health (no SMART, or it is switched off).")}
	case NoAnswer:
		return []Reason{plain("no-answer", Unknown, "This disk did not say how it is (%s). Reseat its cable if that goes on.", c.Problem)}
	}
	return nil
}

func (c look) answered() []Reason {
	switch age := c.now.Sub(c.HealthAt); {
	case c.ATA == nil && c.NVMe == nil && c.MMC == nil:
		return []Reason{plain("no-smart", Unknown, "This disk reports nothing about its health.")}
	case !c.HealthAt.IsZero() && age > Silent:
		return []Reason{plain("silent", Unknown, "This disk has not said how it is for %s. Reseat its cable if that goes on.", roughly(age))}
	}
	return nil
}

// Thresholds of room, in bytes: below LowSpace the owner is told; below
// NoSpace the box keeps what is left for copies from its peers.
const (
	LowSpace = 512 << 20
	NoSpace  = 64 << 20
)

func (c look) volume() (reasons []Reason) {
	f := c.Volume
	if f == nil {
		return nil
	}
	switch {
	case f.ReadOnly:
		reasons = append(reasons, plain("read-only", Failed, "The system made this disk read-only after errors. Pages can be read; restart the box, and replace the disk if it happens again."))
	case f.WriteError != "":
		reasons = append(reasons, plain("write-error", Failed, "This disk refuses writes (%s). Pages can be read; replace the disk.", f.WriteError))
	}
	switch {
	case f.Free < 0:
		reasons = append(reasons, plain("space", Unknown, "The room left on this disk is not known."))
	case f.Free < NoSpace:
		reasons = append(reasons, plain("full", Failed, "This disk is full. Pages can be read; saving goes on when there is room again."))
	case f.Free < LowSpace:
		reasons = append(reasons, plain("space", Watch, "Only %d MB are left on this disk. Remove what is not needed, or put in a larger disk.", f.Free>>20))
	default:
		reasons = append(reasons, c.filling()...)
	}
	if f.Damaged > 0 {
		reasons = append(reasons, plain("damage", Watch, "%s damaged on this disk and will be repaired from another box.", pieces(f.Damaged)))
	}
	return append(reasons, c.rot()...)
}

// filling warns of a disk that will be full within a month.
func (c look) filling() []Reason {
	s, ok := c.past.before(c.now.Add(-Week))
	before, seen := s.Values[Free]
	if free := c.values[Free]; ok && seen && before > free {
		left := float64(c.now.Sub(s.At)) * float64(free-min(free, LowSpace)) / float64(before-free)
		if days := left / float64(Day); days < 30 {
			return []Reason{{Code: "filling", Grade: Watch, Signal: Free, Mark: 1, Text: fmt.Sprintf("This disk fills up: at the pace of the last week it is full in %d days. Remove what is not needed, or put in a larger disk.", int(days))}}
		}
	}
	return nil
}

// rot judges what scrubs and readers had to repair, and what the file system
// counted.
func (c look) rot() (reasons []Reason) {
	if day, week := c.sinceStart(Repaired); week.More > 0 {
		g := Watch
		if day.More >= 4*burst || week.More >= 8*burst {
			g = Replace
		}
		advice := "Nothing is lost; watch whether it goes on."
		if g == Replace {
			advice = "Nothing is lost; replace the disk."
		}
		reasons = append(reasons, c.reason("rot", g, Repaired, "%s found damaged on this disk within a week, and repaired from another copy. %s", was(week.More, "piece of data"), advice))
	}
	if day, week := c.grown(Errors); c.values[Errors] > 0 && !(week.Whole && week.More == 0) {
		advice := "They are looked at when the box starts; restart it."
		if day.More > 0 && day.Base > 0 {
			advice = "Restart the box, and replace the disk if they go on."
		}
		reasons = append(reasons, c.reason("file-system", Watch, Errors, "The file system on this disk has counted %s. %s", count(c.values[Errors], "error"), advice))
	}
	return reasons
}

// From here on a disk is slow: a tenth of its readers wait for seconds.
const (
	slowFlash = time.Second
	slowHDD   = 3 * time.Second
	stuckFor  = 10 * time.Second
)

func (c look) kernel() (reasons []Reason) {
	k := c.Kernel
	if k == nil {
		return nil
	}
	slow := slowFlash
	if c.Disk.Kind == HDD {
		slow = slowHDD
	}
	switch {
	case k.Stuck >= stuckFor:
		reasons = append(reasons, plain("stuck", Failed, "This disk has not answered for %s. Reseat its cable; replace it if it does not come back.", roughly(k.Stuck)))
	case k.Latency >= slow:
		reasons = append(reasons, plain("slow", Watch, "This disk is slow: one request in a hundred takes longer than %.1f s. Its twin answers meanwhile; replace it if that goes on.", k.Latency.Seconds()))
	}
	if day, week := c.sinceStart(MediumErrors); week.More > 0 {
		g := Watch
		if day.More >= 4*burst {
			g = Replace
		}
		reasons = append(reasons, c.reason("io-error", g, MediumErrors, "%s on this disk failed within a week. What was lost is fetched from another box; replace the disk if that goes on.", count(week.More, "read or write")))
	}
	if _, week := c.grown(LinkErrors); week.More >= 3 {
		reasons = append(reasons, c.reason("link", Watch, LinkErrors, "The connection to this disk was lost %s within a week. Reseat or replace its cable, and look at its power supply.", times(week.More)))
	}
	return reasons
}

// sinceStart is the growth of a count that begins with the box: what it is
// came about within the window, unless the history says otherwise.
func (c look) sinceStart(s Signal) (day, week Growth) {
	day, week = c.grown(s)
	if !day.Whole {
		day.More = c.values[s]
	}
	if !week.Whole {
		week.More = c.values[s]
	}
	return day, week
}
