package store

import (
	"encoding/binary"
	"encoding/hex"

	"github.com/argss/argss/wiki"
)

// The index's keys. Page names hold no zero byte, so one ends them.
//
//	c parent child          → the child's page
//	d ID                    → damage: the copy on this disk is bad (see Damage)
//	e target record         → nothing: the record erases the target
//	g segment               → the segment's layout
//	h page 0 ID             → kind: the revision is a head of the page
//	i ID                    → entry
//	m                       → what the index covers (see coverage)
//	n key                   → note
//	p page                  → how many heads other than deletions, at least one
//	q segment               → nothing: holds bytes that are stale or unreadable
//	r page 0 seq            → ID: the page's history
//	s seq                   → ID
//	t token hash, seq       → ID
//	w segment               → sequence: holds bodies that must go, as of then
//	z                       → which keys there are (see tally); in the file only
const (
	keyChild    = "c"
	keyDamage   = "d"
	keyErase    = "e"
	keyLayout   = "g"
	keyHead     = "h"
	keyEntry    = "i"
	keyCoverage = "m"
	keyNote     = "n"
	keyPage     = "p"
	keyStale    = "q"
	keyHistory  = "r"
	keySeq      = "s"
	keyToken    = "t"
	keyWipe     = "w"
)

func idKey(prefix string, ids ...wiki.ID) string {
	b := make([]byte, 0, 1+len(ids)*len(wiki.ID{}))
	b = append(b, prefix...)
	for i := range ids {
		b = append(b, ids[i][:]...)
	}
	return string(b)
}

func seqKey(prefix string, seq wiki.Seq) string {
	return string(binary.BigEndian.AppendUint64([]byte(prefix), uint64(seq)))
}

func segmentKey(prefix string, number uint32) string {
	return string(binary.BigEndian.AppendUint32([]byte(prefix), number))
}

func headKey(page string, id wiki.ID) string { return keyHead + page + "\x00" + string(id[:]) }

func historyKey(page string, seq wiki.Seq) string { return seqKey(keyHistory+page+"\x00", seq) }

// tokenPrefix returns what begins the keys of a token hash.
func tokenPrefix(tokenHash string) (string, bool) {
	b, err := hex.DecodeString(tokenHash)
	if err != nil || len(b) != len(wiki.Hash{}) {
		return "", false
	}
	return keyToken + string(b), true
}

// lastID returns the ID at the end of a key.
func lastID(key string) wiki.ID { return wiki.ID([]byte(key[len(key)-len(wiki.ID{}):])) }

// lastSegment returns the segment number at the end of a key.
func lastSegment(key string) uint32 { return binary.BigEndian.Uint32([]byte(key[len(key)-4:])) }

func idValue(value []byte) wiki.ID { return wiki.ID(value) }
