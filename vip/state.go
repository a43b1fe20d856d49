package vip

import (
	"strconv"
	"time"
)

// State is what a box is to the shared address.
type State uint8

const (
	// Init: not taking part; the link is down or the box has not started.
	Init State = iota
	// Backup: listening, and ready to take over.
	Backup
	// Master: holding the address and advertising.
	Master
)

func (s State) String() string {
	names := [...]string{"init", "backup", "master"}
	if int(s) < len(names) {
		return names[s]
	}
	return "state " + strconv.Itoa(int(s))
}

// Transition is one change of state, with a reason an owner can read.
type Transition struct {
	From, To State
	At       time.Duration // on the machine's clock
	Reason   string
}

// Sighting is the master a machine last accepted, and when it heard it.
type Sighting struct {
	Heard
	At time.Duration // on the machine's clock
}
