package disks

import (
	"fmt"
	"time"
)

// plurals are of what is counted here.
var plurals = map[string]string{
	"sector moved away from bad spots":         "sectors moved away from bad spots",
	"read that could not be corrected":         "reads that could not be corrected",
	"sector it cannot read at present":         "sectors it cannot read at present",
	"unreadable sector found by its own check": "unreadable sectors found by its own check",
	"failed attempt to start turning":          "failed attempts to start turning",
	"piece of data":                            "pieces of data",
	"read or write":                            "reads or writes",
	"error":                                    "errors",
}

// count says how many of something there are: 1 sector, 2 sectors.
func count(n uint64, what string) string {
	if n != 1 {
		what = plurals[what]
	}
	return fmt.Sprintf("%d %s", n, what)
}

func was(n uint64, what string) string {
	if n == 1 {
		return count(n, what) + " was"
	}
	return count(n, what) + " were"
}

func pieces(n int) string {
	if n == 1 {
		return "1 piece of data is"
	}
	return fmt.Sprintf("%d pieces of data are", n)
}

func times(n uint64) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// roughly says a duration as people do.
func roughly(d time.Duration) string {
	switch {
	case d < 90*time.Second:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 90*time.Minute:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
	case d < 36*time.Hour:
		return fmt.Sprintf("%d h", int(d.Round(time.Hour).Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Round(24*time.Hour).Hours()/24))
}
