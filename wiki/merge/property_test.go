package merge

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// lawful reports the first promise of the package comment that a triple breaks.
func lawful(tr triple) error {
	o, a, b := tr.base, tr.mine, tr.theirs
	for _, law := range []struct{ name, base, mine, theirs, want string }{
		{"merge(o,a,o) = a", o, a, o, a},
		{"merge(o,o,b) = b", o, o, b, b},
		{"merge(o,a,a) = a", o, a, a, a},
	} {
		if got, clean := Text(law.base, law.mine, law.theirs).Clean(); !clean || got != law.want {
			return fmt.Errorf("%s: got %q, %v", law.name, got, clean)
		}
	}
	forth, back := Text(o, a, b), Text(o, b, a)
	if err := accountsFor(forth, o, a, b); err != nil {
		return err
	}
	for i := range back.Chunks {
		slices.Reverse(back.Chunks[i].Sides)
	}
	if f, k := fmt.Sprint(forth), fmt.Sprint(back); f != k {
		return fmt.Errorf("not symmetric:\n%s\n%s", f, k)
	}
	return rebuilds(a, b)
}

// accountsFor checks that chunks neither lose nor invent a line, and that each is
// settled exactly when the sides that changed it agree.
func accountsFor(r Result, base string, sides ...string) error {
	var bases strings.Builder
	versions := make([]strings.Builder, len(sides))
	for _, c := range r.Chunks {
		bases.WriteString(c.Base)
		var changes []string
		for i, side := range c.Sides {
			versions[i].WriteString(side)
			if side != c.Base {
				changes = append(changes, side)
			}
		}
		changes = distinct(changes)
		want := c.Base
		if len(changes) == 1 {
			want = changes[0]
		}
		if c.Conflict != (len(changes) > 1) || !c.Conflict && c.Text != want || c.Conflict && c.Text != "" {
			return fmt.Errorf("chunk settled wrongly: %+v", c)
		}
	}
	if bases.String() != base {
		return errors.New("the chunks do not add up to the base")
	}
	for i := range sides {
		if versions[i].String() != sides[i] {
			return fmt.Errorf("the chunks do not add up to side %d", i)
		}
	}
	return nil
}

// rebuilds checks that both kinds of difference contain both texts.
func rebuilds(a, b string) error {
	for _, edits := range [][]Edit{Diff(a, b), DiffWords(a, b)} {
		var old, new strings.Builder
		for i, e := range edits {
			if e.Op != Insert {
				old.WriteString(e.Text)
			}
			if e.Op != Delete {
				new.WriteString(e.Text)
			}
			if e.Text == "" || i > 0 && edits[i-1].Op == e.Op || i > 0 && edits[i-1].Op == Insert && e.Op == Delete {
				return fmt.Errorf("run %d of %v is out of order", i, edits)
			}
		}
		if old.String() != a || new.String() != b {
			return fmt.Errorf("%v does not rebuild %q and %q", edits, a, b)
		}
	}
	return nil
}

func TestRandomMergesAreLawful(t *testing.T) {
	r := random(1)
	for n := range 10_000 {
		tr := randomTriple(r)
		if err := lawful(tr); err != nil {
			t.Fatalf("triple %d: %v\n%v", n, err, tr)
		}
	}
}

func TestRandomMergesOfManySidesAddUp(t *testing.T) {
	r := random(2)
	for n := range 2_000 {
		tr, more := randomTriple(r), randomTriple(r)
		sides := []string{tr.mine, tr.theirs, tr.base, more.mine}
		if err := accountsFor(NewBase(tr.base).Merge(sides...), tr.base, sides...); err != nil {
			t.Fatalf("merge %d: %v", n, err)
		}
		_, clean := NewBase(tr.base).Merge(sides...).Clean()
		r.Shuffle(len(sides), func(i, j int) { sides[i], sides[j] = sides[j], sides[i] })
		if _, again := NewBase(tr.base).Merge(sides...).Clean(); clean != again {
			t.Fatalf("merge %d: clean %v in one order, %v in another", n, clean, again)
		}
	}
}

// Boxes show each other's merges under a tag that holds Version. If this test fails,
// merges come out differently than before: raise Version, then set the new sum.
func TestVersionNamesTheRules(t *testing.T) {
	h := sha256.New()
	r := random(3)
	for range 3_000 {
		tr := randomTriple(r)
		fmt.Fprintf(h, "%+v\n", Text(tr.base, tr.mine, tr.theirs).Chunks)
	}
	h.Write(fmt.Appendf(nil, "%+v", Text(costly(0, 3_000), costly(1, 3_000), costly(2, 3_000)).Chunks))
	sums := map[int]string{1: "b31cdc9c347c770aac7a5ab9b6a0740c91bde81652f0365b6054fcc1a2484ebf"}
	if got := hex.EncodeToString(h.Sum(nil)); got != sums[Version] {
		t.Errorf("sum of version %d is %s, want %s", Version, got, sums[Version])
	}
}

func FuzzText(f *testing.F) {
	r := random(4)
	for range 20 {
		tr := randomTriple(r)
		f.Add(tr.base, tr.mine, tr.theirs)
	}
	f.Add("\x00\n\xff", "\r\n", "\n\n")
	f.Fuzz(func(t *testing.T, base, mine, theirs string) {
		if err := lawful(triple{base, mine, theirs}); err != nil {
			t.Fatal(err)
		}
		v := VirtualBase(NewBase(base), mine, theirs)
		if got, clean := v.Merge(mine, mine).Clean(); !clean || got != mine {
			t.Fatalf("equal sides over a virtual base: %q, %v", got, clean)
		}
	})
}
