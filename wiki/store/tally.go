package store

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// keyTally stands beside the index's keys in the file and says which there
// are: a page that lost some of its keys looks sound by itself.
const keyTally = "z"

// tally is how many keys a file holds, and the exclusive-or of their sums.
type tally struct {
	keys uint64
	sum  uint32
}

// flip notes that a key came or went.
func (t *tally) flip(key []byte) { t.sum ^= checksum(key) }

func (t tally) value() []byte {
	return binary.AppendUvarint(binary.AppendUvarint(nil, t.keys), uint64(t.sum))
}

// readTally returns a file's tally; a new file's is zero.
func readTally(b *bbolt.Bucket) (t tally, err error) {
	sealed := b.Get([]byte(keyTally))
	if sealed == nil {
		return t, nil
	}
	value, err := openValue(keyTally, sealed)
	if err != nil {
		return t, err
	}
	d := decoder{rest: value}
	t = tally{keys: d.uvarint(), sum: uint32(d.uvarint())}
	if d.failed {
		return t, fmt.Errorf("%w: its tally is cut short", errIndex)
	}
	return t, nil
}

// put stores or removes a key and keeps count.
func (t *tally) put(b *bbolt.Bucket, key string, value []byte) error {
	k := []byte(key)
	held := b.Get(k) != nil
	switch {
	case value == nil && !held:
		return nil
	case value == nil:
		t.keys--
		t.flip(k)
		return b.Delete(k)
	case !held:
		t.keys++
		t.flip(k)
	}
	return b.Put(k, sealValue(key, value))
}

func (t tally) write(b *bbolt.Bucket) error {
	return b.Put([]byte(keyTally), sealValue(keyTally, t.value()))
}
