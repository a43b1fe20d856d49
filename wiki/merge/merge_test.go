package merge

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// conflict is how the tables below write a chunk in conflict.
func conflict(base string, sides ...string) Chunk {
	return Chunk{Conflict: true, Base: base, Sides: sides}
}

func TestTextMergesWhatIsApart(t *testing.T) {
	long := strings.Repeat("x", 70_000)
	for _, tt := range []struct{ name, base, mine, theirs, want string }{
		{"nothing", "", "", "", ""},
		{"no change", "a\nb\n", "a\nb\n", "a\nb\n", "a\nb\n"},
		{"only mine", "a\nb\nc\n", "a\nB\nc\n", "a\nb\nc\n", "a\nB\nc\n"},
		{"only theirs", "a\nb\nc\n", "a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\n"},
		{"both the same", "a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\n", "a\nB\nc\n"},
		{"both the same and more", "a\nb\nc\nd\ne\n", "A\nb\nc\nd\nE\n", "A\nb\nC\nd\ne\n", "A\nb\nC\nd\nE\n"},
		{"one line between", "a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", "A\nb\nC\n"},
		{"ends of a page", "a\nb\nc\n", "0\na\nb\nc\n", "a\nb\nc\n9\n", "0\na\nb\nc\n9\n"},
		{"delete and insert apart", "a\nb\nc\nd\n", "b\nc\nd\n", "a\nb\nc\nx\nd\n", "b\nc\nx\nd\n"},
		{"both created alike", "", "a\nb\n", "a\nb\n", "a\nb\n"},
		{"both emptied", "a\nb\n", "", "", ""},
		{"mine emptied, theirs untouched", "a\nb\n", "", "a\nb\n", ""},
		{"final newline taken", "a\nb\nc\n", "a\nb\nc", "A\nb\nc\n", "A\nb\nc"},
		{"final newline given", "a\nb\nc", "a\nb\nc\n", "A\nb\nc", "A\nb\nc\n"},
		{"both took the final newline", "a\nb\n", "a\nb", "a\nb", "a\nb"},
		{"CRLF kept", "a\r\nb\r\nc\r\n", "A\r\nb\r\nc\r\n", "a\r\nb\r\nC\r\n", "A\r\nb\r\nC\r\n"},
		{"mine turned to CRLF, theirs untouched", "a\nb\n", "a\r\nb\r\n", "a\nb\n", "a\r\nb\r\n"},
		{"lone CR is no line end", "a\rb\nc\nd\n", "a\rB\nc\nd\n", "a\rb\nc\nD\n", "a\rB\nc\nD\n"},
		{"NUL", "\x00\nb\nc\n", "\x00\nb\nc\x00\n", "\x00\x00\nb\nc\n", "\x00\x00\nb\nc\x00\n"},
		{"invalid UTF-8", "\xff\nb\n\xfe\n", "\xff\xff\nb\n\xfe\n", "\xff\nb\n\xc0\x80\n", "\xff\xff\nb\n\xc0\x80\n"},
		{"byte order mark", "\ufeffa\nb\nc\n", "a\nb\nc\n", "\ufeffa\nb\nC\n", "a\nb\nC\n"},
		{"blank lines", "a\n\nb\n\nc\n", "a\n\nb\n\nc\n\nd\n", "0\n\na\n\nb\n\nc\n", "0\n\na\n\nb\n\nc\n\nd\n"},
		{"same line doubled by both", "x\nx\n", "x\nx\nx\n", "x\nx\nx\n", "x\nx\nx\n"},
		{"same block repeated by both", "a\nb\nc\nd\ne\n", "a\nb\nc\nb\nc\nd\ne\n", "a\nb\nc\nb\nc\nd\nE\n", "a\nb\nc\nb\nc\nd\nE\n"},
		{"moved by mine, edited far off by theirs", "m\na\nb\nc\nd\ne\n", "a\nb\nc\nm\nd\ne\n", "m\na\nb\nc\nd\nE\n", "a\nb\nc\nm\nd\nE\n"},
		{"very long line", long + "\nb\nc\n", long + "!\nb\nc\n", long + "\nb\nC\n", long + "!\nb\nC\n"},
		{"marks of other tools are only text", "a\nb\nc\n", "<<<<<<< mine\nb\nc\n", "a\nb\n>>>>>>> theirs\n", "<<<<<<< mine\nb\n>>>>>>> theirs\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, clean := Text(tt.base, tt.mine, tt.theirs).Clean()
			if !clean || got != tt.want {
				t.Errorf("got %q, clean %v; want %q", got, clean, tt.want)
			}
		})
	}
}

func TestTextShowsConflictsAsChunks(t *testing.T) {
	for _, tt := range []struct {
		name, base, mine, theirs string
		want                     []Chunk // the chunks in conflict
	}{
		{"same line", "a\nb\nc\n", "a\nM\nc\n", "a\nT\nc\n", []Chunk{conflict("b\n", "M\n", "T\n")}},
		{"neighbouring lines", "a\nb\n", "A\nb\n", "a\nB\n", []Chunk{conflict("a\nb\n", "A\nb\n", "a\nB\n")}},
		{"insert beside an edit", "a\nb\n", "a\nx\nb\n", "a\nB\n", []Chunk{conflict("b\n", "x\nb\n", "B\n")}},
		{"inserts at one place", "a\nb\n", "a\nx\nb\n", "a\ny\nb\n", []Chunk{conflict("", "x\n", "y\n")}},
		{"one insert begins like the other", "a\nb\n", "a\nx\nb\n", "a\nx\ny\nb\n", []Chunk{conflict("", "x\n", "x\ny\n")}},
		{"delete against edit", "a\nb\nc\n", "a\nc\n", "a\nB\nc\n", []Chunk{conflict("b\n", "", "B\n")}},
		{"emptied against edit", "a\nb\n", "", "a\nB\n", []Chunk{conflict("a\nb\n", "", "a\nB\n")}},
		{"both created differently", "", "x\n", "y\n", []Chunk{conflict("", "x\n", "y\n")}},
		{"final newline against edit", "a\nb\n", "a\nb", "a\nB\n", []Chunk{conflict("b\n", "b", "B\n")}},
		{"CRLF against edit", "a\nb\nc\n", "a\r\nb\r\nc\r\n", "a\nB\nc\n",
			[]Chunk{conflict("a\nb\nc\n", "a\r\nb\r\nc\r\n", "a\nB\nc\n")}},
		{"two conflicts", "a\nb\nc\n", "M\nb\nm\n", "T\nb\nt\n",
			[]Chunk{conflict("a\n", "M\n", "T\n"), conflict("c\n", "m\n", "t\n")}},
		{"a chain of touching edits", "a\nb\nc\nd\n", "A\nB\nc\nD\n", "a\nb\nC\nd\n",
			[]Chunk{conflict("a\nb\nc\nd\n", "A\nB\nc\nD\n", "a\nb\nC\nd\n")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := Text(tt.base, tt.mine, tt.theirs)
			var got []Chunk
			for _, c := range r.Chunks {
				if c.Conflict {
					got = append(got, c)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("conflicts (-want +got):\n%s", diff)
			}
			if text, clean := r.Clean(); clean || text != "" {
				t.Errorf("Clean() = %q, %v with conflicts", text, clean)
			}
			if r.Conflicts() != len(tt.want) {
				t.Errorf("Conflicts() = %d, want %d", r.Conflicts(), len(tt.want))
			}
		})
	}
}

func TestTextShowsWhoChangedWhat(t *testing.T) {
	got := Text("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n").Chunks
	want := []Chunk{
		{Text: "A\n", Base: "a\n", Sides: []string{"A\n", "a\n"}},
		{Text: "b\n", Base: "b\n", Sides: []string{"b\n", "b\n"}},
		{Text: "C\n", Base: "c\n", Sides: []string{"c\n", "C\n"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("chunks (-want +got):\n%s", diff)
	}
}

func TestMergeTakesAnyNumberOfSides(t *testing.T) {
	base := NewBase("a\nb\nc\nd\ne\n")
	for _, tt := range []struct {
		name  string
		sides []string
		want  string
		clean bool
	}{
		{"none", nil, "a\nb\nc\nd\ne\n", true},
		{"one", []string{"x\n"}, "x\n", true},
		{"three apart", []string{"A\nb\nc\nd\ne\n", "a\nb\nC\nd\ne\n", "a\nb\nc\nd\nE\n"}, "A\nb\nC\nd\nE\n", true},
		{"two of three alike", []string{"A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n", "A\nb\nc\nd\ne\n"}, "A\nb\nc\nd\nE\n", true},
		{"one of three against", []string{"A\nb\nc\nd\ne\n", "A\nb\nc\nd\ne\n", "X\nb\nc\nd\ne\n"}, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, clean := base.Merge(tt.sides...).Clean()
			if got != tt.want || clean != tt.clean {
				t.Errorf("got %q, %v; want %q, %v", got, clean, tt.want, tt.clean)
			}
		})
	}
}

func TestConflictOfThreeShowsAllVersions(t *testing.T) {
	got := NewBase("a\nb\nc\n").Merge("a\nX\nc\n", "a\nb\nc\n", "a\nY\nc\n").Chunks[1]
	if diff := cmp.Diff(conflict("b\n", "X\n", "b\n", "Y\n"), got); diff != "" {
		t.Errorf("conflict (-want +got):\n%s", diff)
	}
}

// Two people merged the same two heads: left and right are the ancestors of both.
func TestVirtualBaseJudgesSettledDisputes(t *testing.T) {
	root := NewBase("top\nr\nend\n")
	left, right := "top\nleft\nend\n", "TOP\nright\nend\n"
	base := VirtualBase(root, left, right)
	for _, tt := range []struct {
		name         string
		mine, theirs string
		want         string
		clean        bool
	}{
		{"settled alike", "TOP\nx\nend\n", "TOP\nx\nend\n", "TOP\nx\nend\n", true},
		{"settled alike, edited on", "TOP\nx\nend\n", "TOP\nx\nend\nmore\n", "TOP\nx\nend\nmore\n", true},
		{"settled for each one's own", "TOP\nleft\nend\n", "TOP\nright\nend\n", "", false},
		{"one went back to the root", "TOP\nr\nend\n", "TOP\nleft\nend\n", "", false},
		{"one kept both", "TOP\nleft\nright\nend\n", "TOP\nleft\nend\n", "", false},
		{"one dropped both", "TOP\nend\n", "TOP\nleft\nend\n", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, clean := base.Merge(tt.mine, tt.theirs).Clean()
			if got != tt.want || clean != tt.clean {
				t.Errorf("got %q, %v; want %q, %v", got, clean, tt.want, tt.clean)
			}
		})
	}
}

func TestVirtualBaseKeepsADisputeWithoutOldLines(t *testing.T) {
	base := VirtualBase(NewBase("a\nb\n"), "a\nleft\nb\n", "a\nright\nb\n")
	got := base.Merge("a\nb\n", "a\nleft\nb\n").Chunks[1]
	if diff := cmp.Diff(conflict("left\nright\n", "", "left\n"), got); diff != "" {
		t.Errorf("conflict (-want +got):\n%s", diff)
	}
}

func TestVirtualBaseOfVirtualBase(t *testing.T) {
	root := VirtualBase(NewBase("r\nend\n"), "left\nend\n", "right\nend\n")
	base := VirtualBase(root, "left\nend\n", "right\nend\n")
	if _, clean := base.Merge("left\nend\n", "right\nend\n").Clean(); clean {
		t.Error("a dispute twice left open merged cleanly")
	}
	if got, clean := VirtualBase(root, "x\nend\n", "x\nend\n").Merge("x\nend\n", "y\nend\n").Clean(); !clean || got != "y\nend\n" {
		t.Errorf("got %q, %v: a dispute settled alike is an ordinary base", got, clean)
	}
}

func TestVirtualBaseOfUnrelatedPages(t *testing.T) {
	base := VirtualBase(Base{}, "a\n", "b")
	if got, clean := base.Merge("a\nb\n", "a\nb\n").Clean(); !clean || got != "a\nb\n" {
		t.Errorf("got %q, %v", got, clean)
	}
	if _, clean := base.Merge("a\nb", "b\na\n").Clean(); clean {
		t.Error("two ways of joining unrelated pages merged cleanly")
	}
}

func TestProposeMergesWordsOfOneLine(t *testing.T) {
	r := Text("The box is small and quiet.\n", "The box is tiny and quiet.\n", "The box is small and silent.\n")
	got, ok := r.Chunks[0].Propose()
	if want := "The box is tiny and silent.\n"; !ok || got != want {
		t.Errorf("Propose() = %q, %v; want %q", got, ok, want)
	}
	r = Text("The box is small.\n", "The box is tiny.\n", "The box is big.\n")
	if got, ok := r.Chunks[0].Propose(); ok || got != "" {
		t.Errorf("Propose() = %q, %v for one word changed twice", got, ok)
	}
	if got, ok := Text("a\n", "b\n", "a\n").Chunks[0].Propose(); !ok || got != "b\n" {
		t.Errorf("Propose() = %q, %v for a settled chunk", got, ok)
	}
}
