// Package dashboard owns what a box says about itself: the status that
// programs read at /status.json and people at /status, from one value.
package dashboard

import (
	"fmt"
	"time"

	"github.com/argss/argss/disks"
	"github.com/argss/argss/disks/monitor"
	"github.com/argss/argss/wiki"
)

// Status is the state of one box at one moment. Its JSON is /status.json.
type Status struct {
	Wiki      string        `json:"wiki"`
	Box       string        `json:"box"`
	City      string        `json:"city"`
	Version   string        `json:"version"`
	Role      Role          `json:"role"`     // of the shared address
	Demotion  int           `json:"demotion"` // 0 is well; the twin with the lower one holds the address
	Shared    string        `json:"shared"`   // URL of the shared address, "" if this box shares none
	Sharing   *Sharing      `json:"sharing,omitempty"`
	Peers     []Peer        `json:"peers"`
	Revisions uint64        `json:"revisions"`  // in the public space
	SetDigest wiki.Digest   `json:"set_digest"` // of the public space
	Limp      *Limp         `json:"limp"`       // null: every revision is on another box, and one of those is alive
	Disk      disks.Verdict `json:"disk"`
	Disks     []Disk        `json:"disks,omitempty"`  // all of the box, as far as they are looked at
	Copies    []Copy        `json:"copies,omitempty"` // of the public space, where the box has two disks
	Room      []Room        `json:"room"`
	Scrub     *Scrub        `json:"scrub,omitempty"`
	Ledger    *Ledger       `json:"ledger,omitempty"` // of "make run"
}

// Copy is the public space on one of the box's disks.
type Copy struct {
	Disk      string `json:"disk"`
	State     string `json:"state"` // equal, behind or absent
	Leads     bool   `json:"leads"` // reads come from it
	Revisions uint64 `json:"revisions"`
	Of        uint64 `json:"of"` // that it should hold
	Reason    string `json:"reason,omitempty"`
}

// Sentence says the same to people.
func (c Copy) Sentence() string {
	switch c.State {
	case "equal":
		return "holds everything"
	case "behind":
		return fmt.Sprintf("is being filled: %d of %d revisions", min(c.Revisions, c.Of), c.Of)
	}
	return "is not there: the other disk goes on alone; check it or put another one in"
}

// Room is what one space takes on the disk, in bytes.
type Room struct {
	Space string `json:"space"`
	Bytes int64  `json:"bytes"`
	Quota int64  `json:"quota,omitempty"` // that it may take; 0: what the disk has
}

// Sentence says the same to people.
func (r Room) Sentence() string {
	if r.Quota > 0 {
		return fmt.Sprintf("%.1f of %.1f MB", float64(r.Bytes)/1e6, float64(r.Quota)/1e6)
	}
	return fmt.Sprintf("%.1f MB", float64(r.Bytes)/1e6)
}

// Role is a box's part in holding the shared address.
type Role string

// The roles.
const (
	Master Role = "master" // this box answers the shared address
	Backup Role = "backup" // this box takes it when the master goes
	None   Role = "none"   // this box shares no address
)

// Sharing is how things stand with the shared address, as this box sees it.
type Sharing struct {
	Role    Role       `json:"-"`                // Status has it
	Holder  string     `json:"holder,omitempty"` // the holder's own address
	Since   *time.Time `json:"since,omitempty"`  // of this box's part
	Reason  string     `json:"reason,omitempty"` // for it
	Problem string     `json:"problem,omitempty"`
	Changes []Change   `json:"changes,omitempty"` // the latest, oldest first
}

// Change is one change of a box's part: init, backup or master.
type Change struct {
	At     time.Time `json:"at"`
	To     string    `json:"to"`
	Reason string    `json:"reason"`
}

// Peer is what this box knows of another.
type Peer struct {
	Name        string      `json:"name"`
	City        string      `json:"city"`
	URL         string      `json:"url"`
	Alive       bool        `json:"alive"`
	LastHeard   *time.Time  `json:"last_heard"`    // null: not since this box started
	RoundTripMS float64     `json:"round_trip_ms"` // measured, 0 if unknown
	Lag         uint64      `json:"lag"`           // revisions of ours it is not known to hold
	SetDigest   wiki.Digest `json:"set_digest"`    // what it last said
	Version     string      `json:"version"`
}

// Disk is one disk with what is to be said of it.
type Disk struct {
	monitor.Report
	Sentence string       `json:"sentence"`
	Signals  disks.Values `json:"signals,omitempty"` // the numbers it is judged by, decoded
}

// Scrub tells how all content on the disk is read again and checked.
type Scrub struct {
	monitor.Progress
	Next     time.Time `json:"next"`              // when its next window begins or began
	Repaired uint64    `json:"repaired"`          // pieces repaired since the box started
	Repairs  []Repair  `json:"repairs,omitempty"` // the latest, oldest first
}

// Repair is one piece of data that was found damaged and written anew from
// another copy.
type Repair struct {
	At   time.Time `json:"at"`
	What string    `json:"what"` // space/revision or files/hash
}

// Limp says since when this box has been without a second copy, and of how
// many revisions.
type Limp struct {
	Since    time.Time `json:"since"`
	Uncopied int       `json:"uncopied"`
}

// Ledger is what "make run" counts while plugs are pulled.
type Ledger struct {
	Unplugs      int   `json:"unplugs"`        // boxes killed so far
	Saves        int   `json:"saves"`          // acknowledged through the shared address
	Lost         int   `json:"lost"`           // acknowledged and on no box: checked, not assumed
	Waiting      int   `json:"waiting"`        // not checkable until an unplugged box returns
	WorstGapMS   int64 `json:"worst_gap_ms"`   // longest time without a successful read
	CurrentGapMS int64 `json:"current_gap_ms"` // 0 while reads succeed
}
