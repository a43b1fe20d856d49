// Package store keeps one space's revisions on one disk: it is the wiki.Store
// that boxes run on. The truth is an append-only log of checksummed records;
// everything else (the index) can be rebuilt from it at any time.
//
// # Promises
//
// A revision that Add acknowledged is on the disk: one write and one sync cover
// all revisions that wait at that moment. Bytes read from the disk are checked
// against their CRC and their revision's hash before they are returned. A torn
// end of the log is cut off at Open; damage in the middle costs the records it
// hit and no others, is reported by Damaged and healed by Repair or by adding a
// good copy. After a failed sync nothing more is written until the disk is
// opened again: what the kernel says after that cannot be believed. A full disk
// refuses, and goes on by itself when space returns.
//
// # Files
//
//	identity          the store's name, see below
//	lock              held while a process has the store open (real disks only)
//	log/0000000001.seg, log/0000000002.seg, …
//	log/*.tmp         a segment being rewritten; removed at Open
//
// The index lies where Options.IndexPath says: a bbolt file. Its absence, its
// damage or another store's index cost a rebuild, never data. Without a path it
// is in memory and rebuilt by each Open.
//
// All integers are little-endian; CRC is CRC-32C (Castagnoli).
//
// # Segment
//
// A segment begins with 64 bytes:
//
//	 0   8  "ARGSSLOG"
//	 8   4  format version, 1
//	12   4  layout: counts rewritings that moved records; an index that
//	        remembers another layout is rebuilt
//	16   8  number, the one in the file's name
//	24   8  base: the highest sequence number given out when it was begun
//	32  16  identity of the store that began it, as binary UUID
//	48  12  zero
//	60   4  CRC of bytes 0 to 59
//
// Records follow each other without gap. When the next batch would pass 64 MiB
// a new segment is begun; only the last segment grows. A new one is synced, and
// its name too, before anything is appended.
//
// # Record
//
//	 0   4  FF "REV"; no document contains the byte FF, so a reader that lost
//	        its place finds the next record by it
//	 4   1  type: 1 whole, 2 bare, 3 filler
//	 5   1  encoding of the payload: 0 as it is; 1 is kept for zstd
//	 6   2  zero
//	 8   4  length of the payload
//	12   4  batch: where in this segment the batch began that wrote the record.
//	        All that lies before was synced, so damage there is damage; what
//	        does not read at or behind the last batch was never acknowledged
//	16   8  sequence number
//	24  32  revision ID
//	56   4  CRC of the payload
//	60   4  CRC of bytes 0 to 59
//	64      payload
//
// The payload of a whole record is the revision's canonical document; that of a
// bare one, whose body is erased, the canonical header followed by zero bytes;
// that of a filler zero bytes: it stands where something unreadable or
// superseded was. A second record with the same ID replaces the first one's
// place, not its number: it is a repaired copy.
//
// # Erasing
//
// An erase record takes effect with its batch: from then on the bodies it names
// are not returned. Then each segment that holds one is copied with bare
// records in their place, at the same offsets, so that the index stays right;
// the copy is synced, renamed over the segment, and the name synced. Until that
// happened the index (or the log itself) remembers that it must.
//
// # Identity
//
// The file is text: the line "argss store identity 1", the store's UUID, the
// UUIDs it had before (newest first), one a line, and a last line "crc " with
// the CRC of all before in eight hexadecimal digits. A log without a readable
// identity gets a new one.
//
// # Index
//
// An ordered set of keys: a table in memory over bbolt. The table is written to
// bbolt every few seconds in one transaction, with the place in the log up to
// which it reaches; Open reads the log from there. Values in bbolt end with the
// CRC of key and value, and one of them says which keys there are. The keys are
// listed in keys.go.
//
// bbolt panics on damage, and pages that lead in a circle end the whole process.
// So the program runs itself once more to inspect the file before it opens it
// (inspect.go); what goes wrong later is recovered at the door of the index. In
// both cases the index is made anew from the log.
package store
