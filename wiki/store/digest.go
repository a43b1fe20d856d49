package store

import (
	"slices"
	"sync"

	"github.com/argss/argss/wiki"
)

// digestTree is the heart's tree over one index's IDs.
type digestTree struct {
	mu   sync.Mutex // taken before the store's
	tree *wiki.DigestTree
	of   *index
}

// Digest implements wiki.Prover.
func (s *Store) Digest() (root wiki.Digest, count uint64) {
	s.prove(func(t *wiki.DigestTree, r *reader, bucket func([2]byte) []wiki.ID) {
		root, count = t.Root(bucket), s.count
	})
	return root, count
}

// Branches implements wiki.Prover.
func (s *Store) Branches(prefix ...byte) (nodes [wiki.Fanout]wiki.Digest) {
	s.prove(func(t *wiki.DigestTree, r *reader, bucket func([2]byte) []wiki.ID) {
		t.Root(bucket)
		nodes = *t.Children(prefix...)
	})
	return nodes
}

// prove runs f on a tree that has been told of everything held. A tree that
// a fault left half done is made anew with the rebuilt index.
func (s *Store) prove(f func(t *wiki.DigestTree, r *reader, bucket func([2]byte) []wiki.ID)) {
	d := &s.digest
	d.mu.Lock()
	defer d.mu.Unlock()
	s.view(func(r *reader) {
		bucket := func(prefix [2]byte) []wiki.ID { return bucketOf(r, prefix) }
		if d.of != s.index {
			ids := allIDs(r)
			d.tree, d.of = new(wiki.DigestTree), s.index
			for _, id := range ids {
				d.tree.Touch(id)
			}
			bucket = func(prefix [2]byte) []wiki.ID { return slice(ids, prefix) }
		}
		for _, id := range s.touched {
			d.tree.Touch(id)
		}
		s.touched = nil // writers are locked out, other provers wait for d.mu
		f(d.tree, r, bucket)
	})
}

// slice returns those of ascending ids that begin with two bytes.
func slice(ids []wiki.ID, prefix [2]byte) []wiki.ID {
	from, _ := slices.BinarySearchFunc(ids, prefix, func(id wiki.ID, p [2]byte) int {
		return slices.Compare(id[:2], p[:])
	})
	to := from
	for to < len(ids) && [2]byte(ids[to][:2]) == prefix {
		to++
	}
	return ids[from:to]
}

func allIDs(r *reader) (ids []wiki.ID) {
	r.ascend(keyEntry, "", func(key string, _ []byte) bool {
		ids = append(ids, lastID(key))
		return true
	})
	return ids
}

// Bucket implements wiki.Prover.
func (s *Store) Bucket(prefix [2]byte) (ids []wiki.ID) {
	s.view(func(r *reader) { ids = bucketOf(r, prefix) })
	return ids
}

func bucketOf(r *reader, prefix [2]byte) (ids []wiki.ID) {
	r.ascend(keyEntry+string(prefix[:]), "", func(key string, _ []byte) bool {
		ids = append(ids, lastID(key))
		return true
	})
	return ids
}
