package dashboard

import (
	"fmt"
	"strings"
	"time"

	"github.com/argss/argss/disks"
)

func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// title names a disk as its label does, so that the right one is pulled out.
func (d Disk) title() string {
	name := d.Observation.Disk.Model
	if name == "" {
		name = "Disk"
	}
	if s := d.Observation.Disk.Serial; s != "" {
		name += ", serial number " + s
	}
	if b := d.Observation.Disk.Bytes; b > 0 {
		name += fmt.Sprintf(", %.0f GB", float64(b)/1e9)
	}
	return name
}

// facts are the numbers worth a glance.
func (d Disk) facts() string {
	var f []string
	add := func(s disks.Signal, format string, by uint64) {
		if v, seen := d.Signals[s]; seen {
			f = append(f, fmt.Sprintf(format, v/by))
		}
	}
	add(disks.Temperature, "%d °C", 1)
	add(disks.Wear, "%d %% worn", 1)
	add(disks.PowerOnHours, "%d days of work", 24)
	add(disks.Reallocated, "%d sectors moved", 1)
	add(disks.Pending, "%d pending", 1)
	add(disks.MediaErrors, "%d media errors", 1)
	if d.Asleep {
		f = append(f, "asleep")
	}
	return strings.Join(f, ", ")
}

// trend tells what grew within the month that is remembered.
func (d Disk) trend() string {
	if len(d.Past) == 0 {
		return ""
	}
	first := d.Past[0]
	var f []string
	for _, s := range []disks.Signal{disks.Reallocated, disks.Pending, disks.Uncorrectable, disks.MediaErrors, disks.CRCErrors, disks.Wear} {
		if was, seen := first.Values[s]; seen && d.Signals[s] > was {
			f = append(f, fmt.Sprintf("%s from %d to %d", s, was, d.Signals[s]))
		}
	}
	if len(f) == 0 {
		return "Nothing of note has grown since " + first.At.UTC().Format("2006-01-02") + "."
	}
	return "Since " + first.At.UTC().Format("2006-01-02") + ": " + strings.Join(f, ", ") + "."
}

// quietable tells whether an owner may acknowledge a reason.
func quietable(r disks.Reason) bool {
	return !r.Acknowledged && (r.Grade == disks.Watch || r.Grade == disks.Replace)
}

// said tells how the scrub stands.
func (s *Scrub) said() string {
	switch {
	case s.Running:
		return fmt.Sprintf("All content is being read again and checked: %d pieces (%d MB) so far.", s.Pieces, s.Bytes>>20)
	case s.Started.After(s.Finished):
		return fmt.Sprintf("All content is being read again and checked: %d pieces (%d MB) so far; it goes on at %s.", s.Pieces, s.Bytes>>20, when(s.Next))
	case s.Finished.IsZero():
		return fmt.Sprintf("All content is read again and checked once a week, next at %s.", when(s.Next))
	}
	return fmt.Sprintf("All content was last read again and checked at %s (%d pieces, %d MB).", when(s.Finished), s.Pieces, s.Bytes>>20)
}

// mended tells what had to be repaired.
func (s *Scrub) mended() string {
	switch s.Repaired {
	case 0:
		return "Nothing had to be repaired since this box started."
	case 1:
		return "1 damaged piece of data was repaired from another copy."
	}
	return fmt.Sprintf("%d damaged pieces of data were repaired from other copies.", s.Repaired)
}

// shown is how many repairs the page lists; status.json has them all.
const shown = 20

func (s *Scrub) lately() []Repair { return s.Repairs[max(0, len(s.Repairs)-shown):] }
