package wiki

import "crypto/sha256"

// Digest proves which revisions a set holds. It is the root of a tree that is
// 256 wide and two levels deep over the IDs:
//
//	leaf  SHA-256 of the ascending IDs that share their first two bytes
//	node  SHA-256 of its 256 children in order
//	an empty leaf, and a node above 256 empty ones, is 32 zero bytes
//
// Two sets with the same digest are the same set; where digests differ, the
// nodes that differ lead to the IDs that do. Sums and exclusive-ors would be
// cheaper to keep, but a hostile peer could forge them.
type Digest = Hash

// Fanout is the width of the digest tree.
const Fanout = 256

// DigestLeaf returns the leaf over ascending ids.
func DigestLeaf(ids []ID) Digest {
	if len(ids) == 0 {
		return Digest{}
	}
	h := sha256.New()
	for i := range ids {
		h.Write(ids[i][:])
	}
	return Digest(h.Sum(nil))
}

// DigestNode returns the node above its children.
func DigestNode(children *[Fanout]Digest) Digest {
	if *children == ([Fanout]Digest{}) {
		return Digest{}
	}
	h := sha256.New()
	for i := range children {
		h.Write(children[i][:])
	}
	return Digest(h.Sum(nil))
}

// DigestTree keeps the digest of a growing set: Touch names an ID that was
// added, Root hashes again only what was touched. It is not safe for
// concurrent use.
type DigestTree struct {
	leaves [Fanout]*[Fanout]Digest
	nodes  [Fanout]Digest
	root   Digest
	dirty  map[[2]byte]bool
}

// Touch notes that id joined the set.
func (t *DigestTree) Touch(id ID) {
	if t.dirty == nil {
		t.dirty = map[[2]byte]bool{}
	}
	t.dirty[[2]byte{id[0], id[1]}] = true
}

// Root returns the digest. bucket returns the ascending IDs of the set that
// begin with two bytes.
func (t *DigestTree) Root(bucket func(prefix [2]byte) []ID) Digest {
	if len(t.dirty) > 0 {
		t.update(bucket)
	}
	return t.root
}

// Children returns the nodes below the root, or with one byte the leaves below
// that node. The array belongs to the tree and changes with the next Root.
func (t *DigestTree) Children(prefix ...byte) *[Fanout]Digest {
	if len(prefix) == 0 {
		return &t.nodes
	}
	if leaves := t.leaves[prefix[0]]; leaves != nil {
		return leaves
	}
	return &[Fanout]Digest{}
}

func (t *DigestTree) update(bucket func(prefix [2]byte) []ID) {
	nodes := map[byte]bool{}
	for p := range t.dirty {
		if t.leaves[p[0]] == nil {
			t.leaves[p[0]] = new([Fanout]Digest)
		}
		t.leaves[p[0]][p[1]] = DigestLeaf(bucket(p))
		nodes[p[0]] = true
	}
	for n := range nodes {
		t.nodes[n] = DigestNode(t.leaves[n])
	}
	t.root = DigestNode(&t.nodes)
	clear(t.dirty)
}
