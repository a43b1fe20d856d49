// Package simulation runs whole networks of real boxes on a simulated network
// and simulated disks, in the virtual time of testing/synctest.
//
// Everything that happens by chance comes from one seed, so the seed replays a
// failure. Virtual time alone does not order two events of one instant; each
// delay is therefore drawn in nanoseconds from the stream of the host it
// belongs to, and practically no two fall together.
package simulation
