package wiki

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNamesThatAreNames(t *testing.T) {
	for _, name := range []string{
		"Home", "common/history", "%", "[[", "((", "a b", "100% sure?", `C:\x`, "日本語/ページ", "قائمة", "e\u0301",
		"می\u200cخواهم", "👩\u200d🔬", "...", ".git", "#", "?", "&", "a+b", "%2e%2e", strings.Repeat("x", MaxName),
	} {
		if err := CheckName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if got, err := UnescapeName(EscapeName(name)); got != name || err != nil {
			t.Errorf("%q came back from its address as %q, %v", name, got, err)
		}
	}
}

func TestNamesThatAreNone(t *testing.T) {
	for _, name := range []string{
		"", "/", "a/", "/a", "a//b", ".", "..", "a/../b", "./a", " a", "a ", "a/ b", "a\x00b", "a\nb", "a\u007f", "a\u0085",
		"a\xff", "a\u202eb", "\ufeffa", "a\u200bb", "a\u2028b", "\u00a0a", "a\u3000", "a\U000e0041b", "a\u00adb", strings.Repeat("x", MaxName+1),
	} {
		if err := CheckName(name); !errors.Is(err, ErrName) {
			t.Errorf("%q: got %v", name, err)
		}
	}
	for _, escaped := range []string{"%", "%zz", "%00", "%2e%2e", "a%2f%2fb", "%ff", "%2e%2e%2fetc"} {
		if name, err := UnescapeName(escaped); !errors.Is(err, ErrName) {
			t.Errorf("%q: got %q, %v", escaped, name, err)
		}
	}
}

func TestMediaTypesHaveOneSpelling(t *testing.T) {
	for _, ok := range []string{"", "text/markdown", "text/plain; charset=utf-8", "image/svg+xml", "application/vnd.a-b.c", "a/b; x=1; y=2"} {
		if err := CheckType(ok); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"text", "text/", "/plain", "Text/plain", "text/plain;charset=utf-8", "text/plain; charset=\"utf-8\"",
		"text/plain; charset", "text/html\r\nX: y", "text/plain ", "a/b; x=" + strings.Repeat("x", 255)} {
		if CheckType(bad) == nil {
			t.Errorf("%q passed", bad)
		}
	}
}

func FuzzNames(f *testing.F) {
	f.Add("common/%2525/[[")
	f.Fuzz(func(t *testing.T, name string) {
		if CheckName(name) != nil {
			return
		}
		if got, err := UnescapeName(EscapeName(name)); got != name || err != nil {
			t.Errorf("%q came back as %q, %v", name, got, err)
		}
	})
}

// drawing is a Graph written as "child: parent parent", oldest first.
type drawing struct {
	ids     map[string]ID
	parents map[ID][]ID
	order   map[ID]uint64
}

func draw(lines ...string) drawing {
	d := drawing{map[string]ID{}, map[ID][]ID{}, map[ID]uint64{}}
	for i, line := range lines {
		name, parents, _ := strings.Cut(line, ":")
		id := HashOf([]byte(name))
		d.ids[name], d.order[id] = id, uint64(i+1)
		for p := range strings.FieldsSeq(parents) {
			d.parents[id] = append(d.parents[id], d.ids[p])
		}
	}
	return d
}

func (d drawing) Parents(id ID) ([]ID, uint64) { return d.parents[id], d.order[id] }

func (d drawing) common(a, b string) []string {
	var names []string
	for _, id := range CommonAncestors(d, []ID{d.ids[a]}, []ID{d.ids[b]}) {
		for name, named := range d.ids {
			if named == id {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

func TestCommonAncestorsAreTheLatest(t *testing.T) {
	fork := draw("o:", "m: o", "a: m", "b: m")
	criss := draw("o:", "x: o", "y: o", "a: x y", "b: y x")
	apart := draw("a:", "b:")
	for _, c := range []struct {
		d    drawing
		a, b string
		want []string
	}{
		{fork, "a", "b", []string{"m"}},
		{fork, "a", "m", []string{"m"}},
		{fork, "a", "a", []string{"a"}},
		{criss, "a", "b", []string{"x", "y"}},
		{apart, "a", "b", nil},
	} {
		if diff := cmp.Diff(c.want, c.d.common(c.a, c.b)); diff != "" {
			t.Errorf("%s and %s: %s", c.a, c.b, diff)
		}
	}
}

// TestCommonAncestorsMatchTheirDefinition compares random graphs with the
// definition: ancestors of both, without those that have a descendant among
// them.
func TestCommonAncestorsMatchTheirDefinition(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 1))
		g := drawing{parents: map[ID][]ID{}, order: map[ID]uint64{}}
		var ids []ID
		for i := range 2 + rng.IntN(30) {
			id := HashOf([]byte{byte(i), byte(seed)})
			for range rng.IntN(3) {
				if len(ids) > 0 {
					g.parents[id] = append(g.parents[id], ids[rng.IntN(len(ids))])
				}
			}
			g.parents[id], g.order[id] = SortIDs(g.parents[id]), uint64(i+1)
			ids = append(ids, id)
		}
		a, b := ids[rng.IntN(len(ids))], ids[rng.IntN(len(ids))]
		got := CommonAncestors(g, []ID{a}, []ID{b})
		if diff := cmp.Diff(latest(g, a, b), got); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
	}
}

func latest(g drawing, a, b ID) []ID {
	above := func(id ID) map[ID]bool {
		seen, todo := map[ID]bool{}, []ID{id}
		for len(todo) > 0 {
			id := todo[0]
			todo = todo[1:]
			if !seen[id] {
				seen[id] = true
				todo = append(todo, g.parents[id]...)
			}
		}
		return seen
	}
	common := above(a)
	other := above(b)
	for id := range common {
		if !other[id] {
			delete(common, id)
		}
	}
	var found []ID
	for id := range common {
		covered := false
		for descendant := range common {
			covered = covered || descendant != id && above(descendant)[id]
		}
		if !covered {
			found = append(found, id)
		}
	}
	return SortIDs(found)
}

func TestDigestTreeAgreesWithItselfGrownOrMadeAtOnce(t *testing.T) {
	var ids []ID
	var grown DigestTree
	bucket := func(prefix [2]byte) []ID {
		return SortIDs(slices.DeleteFunc(slices.Clone(ids), func(id ID) bool { return [2]byte(id[:2]) != prefix }))
	}
	for i := range 200 {
		id := HashOf([]byte{byte(i)})
		id[0] = byte(i % 3)
		ids = append(ids, id)
		grown.Touch(id)
		if i%20 == 0 && grown.Root(bucket) != digestOf(ids) {
			t.Fatalf("after %d: the grown tree differs", i+1)
		}
	}
	if grown.Root(bucket) == digestOf(ids[1:]) {
		t.Error("a missing ID leaves the digest the same")
	}
}
