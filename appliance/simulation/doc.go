// Package simulation runs whole networks of real boxes on a simulated network
// and simulated disks, in the virtual time of testing/synctest.
//
// A Storm lets people edit while the weather rages: plugs, lines, disks,
// clocks. Then everything heals, and every promise is checked. Some are checked
// all the time: that a box named in an acknowledgement has the revision on its
// platter, that no ledger claims a receipt that is not true, that a save says
// what was sent on top of what its writer saw, and that nobody reads a line
// that nobody wrote.
//
// A Bug is a deliberate fault of the program. Each must be noticed by a storm,
// or the storms prove less than they seem to.
//
// Everything that happens by chance comes from one seed, so the seed replays a
// failure. Virtual time alone does not order two events of one instant; each
// delay is therefore drawn in nanoseconds from the seed, the instant and what
// is carried, so that practically no two events that touch fall together.
// Where goroutines of one box meet in one instant all the same (a pool of kept
// connections, random sources), the simulated parts do without.
package simulation
