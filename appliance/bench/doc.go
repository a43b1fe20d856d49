// Package bench measures what copying costs, beside what the disk and the line
// can do at best, in one run: durable saves on two boxes against one raw sync
// and one round trip, many writers, the lag of a live copy, and the join of a
// new box over loopback and over a shaped line, against PouchDB doing the same.
//
// Everything runs on real files and real sockets of loopback. All boxes live in
// this process and so share its processors and its garbage collector: figures
// of CPU time are of all boxes together. Whole boxes (appliance.Box) do what
// clients can ask of them; where a figure is about the exchange alone, a space
// without pages around it (Space) is measured.
//
// Other work on the machine moves all figures. What is compared is therefore
// measured in turns, one operation of each kind after the other, and ratios are
// of medians of the same run.
package bench
