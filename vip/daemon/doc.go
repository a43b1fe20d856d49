// Package daemon is the program vipd but for its main function: it owns the
// flags, the profiles, real-time scheduling, the watcher process, and the order
// in which everything starts and stops.
//
// It promises:
//
//   - The whole process runs at real-time priority with its memory locked, or
//     says in one line why not. One real-time thread would not do: the others
//     hold locks of the Go runtime. So the main thread becomes real-time before
//     anything else and the program executes itself again; the threads of the
//     new life inherit it.
//   - If the program is killed, a small second process of the same program,
//     which holds nothing but the other end of a pipe, removes the shared
//     address. If both are killed, the next start removes it before it listens.
//   - When told to end, it drops the address and then says goodbye.
//   - It tells a watchdog (sd_notify) READY=1, and WATCHDOG=1 each second while
//     its loop turns.
//   - One program per interface and group; a second one fails.
//
// The profiles are the pace of adverts: normal every 11.7 ms with death after
// 35 ms of silence, fast every 3.9 ms with death after 15.6 ms (four intervals:
// a loaded machine was seen silent for 13 ms), compatible every second with
// death after three, as CARP boxes of others expect. While a loaded machine
// is heard unsteadily, up to 100 ms of silence are granted in the first two. Skew makes a box slower by
// 256ths of a second and so prefers the others to it.
package daemon
