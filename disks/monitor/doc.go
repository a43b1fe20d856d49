// Package monitor looks after the disks of a box: when to ask which of them,
// what to remember for months, when a disk may sleep or test itself, and when
// all content is read again and checked (the scrub).
//
// # Promises
//
// A disk that sleeps is left asleep, but for one look a day. An NVMe disk's
// warning is seen within half a minute. The twins never scrub in the same hour.
// A disk that stops answering, and a monitor that stops looking, become a
// verdict of their own, because verdicts are made when they are asked for.
//
// # File
//
// What is remembered is one gzipped JSON value, see Memory: for each disk, by
// its model and serial number, hourly samples of eight days and daily ones of
// half a year, the acknowledgements and the alarms that were told. It is written
// whole, to another name first, at most once an hour and when an owner
// acknowledges; a lost one costs the past and nothing else.
package monitor
