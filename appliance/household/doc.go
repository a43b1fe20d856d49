// Package household runs a whole wiki on one Linux machine for somebody who
// wants to see it survive: three boxes as separate processes, a visitor who
// keeps reading and saving, and plugs to pull.
//
// # The boxes
//
// The twins wichita-1 (127.77.0.1) and wichita-2 (127.77.0.2) share the address
// 127.77.0.100; tulsa (127.77.1.1) stands in another city. All use one port,
// 8080 unless that is taken. Each is a process of the program boxd with a folder
// of its own, so that killing its pid kills the box and nothing else. They
// need no root: all of 127.0.0.0/8 is the machine's own.
//
// Boxes die with their household, however it ends: each asks the kernel for
// SIGKILL at its parent's death. The kernel takes the thread that started a
// process for the parent, so all are started by one goroutine that keeps its
// thread for as long as the household lasts.
//
// # Files
//
// All are below one data folder, and this package writes them all but data:
//
//	lock                 held (flock) while a household uses the folder
//	ledger.json          dashboard.Ledger; replaced whole, read by the boxes
//	{box}/settings.json  settings.Settings; see there. The secret and the port
//	                     are kept from start to start, all else is written anew
//	{box}/log            what the box writes to its standard error, appended
//	                     (log.old: what came before when it grew too large)
//	{box}/data/          the box's own
//
// # Lines
//
// For scripts, each as soon as it is true, the second again after a revival:
//
//	wiki URL
//	box NAME URL pid PID
//
// # The ledger
//
// The visitor reads a page about twenty times a second and saves one about
// once a second, at the shared address, and repeats what is not answered as a
// browser does. Every save it was answered is asked for, by its ID, on every
// living box, again and again after each unplug. A save is lost when it is on
// none of them while all are up and agree which revisions there are; while a
// box is away it can only be waiting for it. The worst gap is the longest time
// between two successful reads, but for times when no twin was plugged in.
package household
