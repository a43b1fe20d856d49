package wikitest

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/argss/argss/wiki"
)

// Generator draws revisions of a small wiki from a seed: edits, uploads,
// deletions, renames, kinds of tomorrow and erase records; forks, merges,
// parents on other pages and parents that come later or never; replayed tokens.
type Generator struct {
	rng   *rand.Rand
	key   ed25519.PrivateKey
	made  []wiki.Revision
	clock int64
}

// PageNames are names that tempt a store to take them for something else.
var PageNames = []string{
	"Home", "%", "[[", "((", "common/history", "common", "common0", "C:\\x", "a", "a/b", "a!b", "ab",
	"é", "e\u0301", "日本語", strings.Repeat("n", wiki.MaxName), "Zed", "zed", "~", "\U0010FFFF",
}

// NewGenerator returns a generator that always draws the same for a seed.
func NewGenerator(seed uint64) *Generator {
	return &Generator{
		rng:   rand.New(rand.NewPCG(seed, 1)),
		key:   ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)),
		clock: 1_700_000_000_000,
	}
}

// Keeper returns the key that signs the generator's erase records.
func (g *Generator) Keeper() ed25519.PublicKey { return g.key.Public().(ed25519.PublicKey) }

// Revisions draws n revisions. Each is whole: erasures take effect in a store.
func (g *Generator) Revisions(n int) []wiki.Revision {
	revisions := make([]wiki.Revision, n)
	for i := range revisions {
		revisions[i] = g.Next()
	}
	return revisions
}

// Edit makes one text revision.
func (g *Generator) Edit(page, text string, parents ...wiki.ID) wiki.Revision {
	return g.make(wiki.Header{Page: page, Kind: wiki.Edit, Parents: parents},
		wiki.Body{Type: wiki.Markdown, Content: text})
}

// Deletion makes one deletion.
func (g *Generator) Deletion(page string, parents ...wiki.ID) wiki.Revision {
	return g.make(wiki.Header{Page: page, Kind: wiki.Delete, Parents: parents}, wiki.Body{})
}

// Erasure makes one erase record.
func (g *Generator) Erasure(page string, ids ...wiki.ID) wiki.Revision {
	return g.make(wiki.Header{Page: page, Kind: wiki.Erase}, wiki.SignErasure(g.key, "erased", ids...))
}

// Next draws one revision.
func (g *Generator) Next() wiki.Revision {
	h := wiki.Header{Page: g.page(), Author: fmt.Sprint("author", g.rng.IntN(3)), Kind: wiki.Edit}
	if g.rng.IntN(5) == 0 {
		h.Token = wiki.TokenHash("ada", fmt.Sprint(g.rng.IntN(8)))
	}
	if g.rng.IntN(12) == 0 && len(g.made) > 0 {
		h.Kind = wiki.Erase
		return g.make(h, wiki.SignErasure(g.key, "", g.some(1+g.rng.IntN(3))...))
	}
	h.Parents = g.parents(h.Page)
	b := wiki.Body{Comment: "drawn"}
	switch g.rng.IntN(12) {
	case 0, 1:
		h.Kind = wiki.Delete
	case 2:
		h.Kind, b.Target = wiki.Rename, g.page()
	case 3:
		h.Kind, b.Type = wiki.Upload, "image/png"
		b.Blobs = []wiki.BlobRef{{Hash: g.hash(), Size: 10}}
		b.Size = 10
	case 4:
		h.Kind = "tomorrow"
	default:
		b.Type, b.Content = wiki.Markdown, strings.Repeat(fmt.Sprintln("line", g.rng.Uint64()), 1+g.rng.IntN(40))
	}
	return g.make(h, b)
}

func (g *Generator) make(h wiki.Header, b wiki.Body) wiki.Revision {
	g.clock += int64(g.rng.IntN(1000))
	h.Time = g.clock
	r, err := wiki.New(h, b, g.hash())
	if err != nil {
		panic(fmt.Sprintf("generator drew a bad revision: %v", err))
	}
	g.made = append(g.made, r)
	return r
}

func (g *Generator) page() string {
	return PageNames[min(g.rng.IntN(len(PageNames)), g.rng.IntN(len(PageNames)))]
}

func (g *Generator) hash() (h wiki.Hash) {
	for i := range h {
		h[i] = byte(g.rng.Uint32())
	}
	return h
}

// some draws IDs of made revisions, now and then one that nobody holds.
func (g *Generator) some(n int) []wiki.ID {
	ids := make([]wiki.ID, n)
	for i := range ids {
		ids[i] = g.hash()
		if g.rng.IntN(10) > 0 {
			ids[i] = g.made[g.rng.IntN(len(g.made))].ID
		}
	}
	return wiki.SortIDs(ids)
}

// parents draws mostly from the page's own latest revisions.
func (g *Generator) parents(page string) []wiki.ID {
	var own []wiki.ID
	for _, r := range g.made[max(0, len(g.made)-40):] {
		if r.Header.Page == page && r.Header.Kind != wiki.Erase {
			own = append(own, r.ID)
		}
	}
	var parents []wiki.ID
	for range g.rng.IntN(3) {
		if len(own) > 0 {
			parents = append(parents, own[len(own)-1-g.rng.IntN(min(3, len(own)))])
		}
	}
	if g.rng.IntN(15) == 0 && len(g.made) > 0 {
		parents = append(parents, g.some(1)...)
	}
	return wiki.SortIDs(parents)
}

// Shuffle returns the revisions in another order: children before parents,
// erase records before what they erase.
func (g *Generator) Shuffle(revisions []wiki.Revision) []wiki.Revision {
	shuffled := append([]wiki.Revision(nil), revisions...)
	g.rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	return shuffled
}

// Batches cuts the revisions into pieces of 1 to 9.
func (g *Generator) Batches(revisions []wiki.Revision) [][]wiki.Revision {
	var batches [][]wiki.Revision
	for len(revisions) > 0 {
		n := min(len(revisions), 1+g.rng.IntN(9))
		batches = append(batches, revisions[:n])
		revisions = revisions[n:]
	}
	return batches
}
