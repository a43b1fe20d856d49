package wiki

import (
	"errors"
	"fmt"
	"slices"
)

// The readers of an object's members: each says by name what is missing or
// has the wrong form.

func (n *node) field(name string, kind nodeKind) (*node, error) {
	v, ok := n.get(name)
	if !ok {
		return nil, fmt.Errorf("%s is missing", name)
	}
	if v.kind != kind {
		return nil, fmt.Errorf("%s has the wrong form", name)
	}
	return v, nil
}

func (n *node) str(name string) (string, error) {
	v, err := n.field(name, nodeString)
	if err != nil {
		return "", err
	}
	return v.text, nil
}

func (n *node) natural(name string) (int64, error) {
	v, err := n.field(name, nodeInteger)
	if err != nil {
		return 0, err
	}
	if v.integer < 0 {
		return 0, fmt.Errorf("%s is negative", name)
	}
	return v.integer, nil
}

func (n *node) hash(name string) (Hash, error) {
	s, err := n.str(name)
	if err != nil {
		return Hash{}, err
	}
	h, err := ParseHash(s)
	if err != nil {
		return Hash{}, fmt.Errorf("%s: %w", name, err)
	}
	return h, nil
}

func (n *node) hashes(name string) ([]Hash, error) {
	list, err := n.field(name, nodeArray)
	if err != nil {
		return nil, err
	}
	if len(list.items) == 0 {
		return nil, nil
	}
	hashes := make([]Hash, len(list.items))
	for i := range list.items {
		if list.items[i].kind != nodeString {
			return nil, fmt.Errorf("%s holds something that is no hash", name)
		}
		if hashes[i], err = ParseHash(list.items[i].text); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return hashes, nil
}

// only refuses members that no hash covers: they could differ between copies.
func (n *node) only(names ...string) error {
	for i := range n.members {
		if !slices.Contains(names, n.members[i].name) {
			return fmt.Errorf("member %.40q is not part of a revision", n.members[i].name)
		}
	}
	if len(n.members) != len(names) {
		return errors.New("a member is missing")
	}
	return nil
}
