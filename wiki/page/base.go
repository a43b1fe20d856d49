package page

import (
	"maps"
	"slices"

	"github.com/argss/argss/wiki"
)

// Base says what a writer saw before writing. The zero Base is "nothing was
// said", which is enough only for a page that does not exist.
type Base struct {
	kind  baseKind
	tag   string
	heads []wiki.ID
}

type baseKind int

const (
	baseUnsaid baseKind = iota
	baseNothing
	baseAnything
	baseTag
	baseHeads
)

// OnNothing bases a save on the page not existing (If-None-Match: *).
func OnNothing() Base { return Base{kind: baseNothing} }

// OnAnything bases a save on whatever the page says now (If-Match: *).
func OnAnything() Base { return Base{kind: baseAnything} }

// OnTag bases a save on the view with this tag (If-Match).
func OnTag(tag string) Base { return Base{kind: baseTag, tag: tag} }

// OnHeads bases a save on the view of these heads; none is OnNothing.
func OnHeads(ids ...wiki.ID) Base {
	if len(ids) == 0 {
		return OnNothing()
	}
	return Base{kind: baseHeads, heads: wiki.SortIDs(slices.Clone(ids))}
}

// fits tells whether the view is the one the writer saw.
func (b Base) fits(v wiki.View) bool {
	switch b.kind {
	case baseTag:
		return b.tag == v.Tag
	case baseHeads:
		return slices.Equal(b.heads, v.Parents) || wiki.Tag(b.heads, 0) == wiki.Tag(shown(v), 0)
	case baseAnything:
		return v.Exists()
	}
	return !v.Exists()
}

func shown(v wiki.View) []wiki.ID {
	ids := make([]wiki.ID, len(v.Heads))
	for i, r := range v.Heads {
		ids[i] = r.ID
	}
	return ids
}

// How far back a base is looked for, and among how many heads.
const (
	maxStates = 20_000
	maxHeads  = 64
)

// past returns the heads of the earlier view a stale base means. A tag is a
// hash, so it is compared with the tag of each state the page went through
// here, and of each revision by itself, since boxes pass through different
// states on the way to the same one.
func (p *Pages) past(b Base, name string) ([]wiki.ID, bool) {
	switch b.kind {
	case baseHeads:
		return b.heads, len(p.Store.Missing(b.heads)) == 0
	case baseTag:
		return p.stateWithTag(b.tag, name)
	}
	return nil, false
}

func (p *Pages) stateWithTag(tag, name string) ([]wiki.ID, bool) {
	history := p.Store.History(name, 0, maxStates)
	version := p.Merger.Version()
	heads := map[wiki.ID]bool{}
	for _, e := range slices.Backward(history) {
		if e.Header.Kind == wiki.Erase {
			continue
		}
		if wiki.Tag([]wiki.ID{e.ID}, version) == tag {
			return []wiki.ID{e.ID}, true
		}
		for _, p := range e.Header.Parents {
			delete(heads, p)
		}
		heads[e.ID] = true
		if len(heads) == 1 || len(heads) > maxHeads {
			continue
		}
		if state := slices.SortedFunc(maps.Keys(heads), wiki.ID.Compare); wiki.Tag(state, version) == tag {
			return state, true
		}
	}
	return nil, false
}
