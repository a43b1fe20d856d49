package merge

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDiffReportsRunsOfLines(t *testing.T) {
	for _, tt := range []struct {
		name, old, new string
		want           []Edit
	}{
		{"nothing", "", "", nil},
		{"equal", "a\nb\n", "a\nb\n", []Edit{{Equal, "a\nb\n"}}},
		{"created", "", "a\nb\n", []Edit{{Insert, "a\nb\n"}}},
		{"emptied", "a\nb\n", "", []Edit{{Delete, "a\nb\n"}}},
		{"replaced", "a\nb\nc\n", "a\nB\nc\n", []Edit{{Equal, "a\n"}, {Delete, "b\n"}, {Insert, "B\n"}, {Equal, "c\n"}}},
		{"doubled", "a\na\nb\n", "a\na\na\nb\n", []Edit{{Equal, "a\na\n"}, {Insert, "a\n"}, {Equal, "b\n"}}},
		{"final newline", "a\nb", "a\nb\n", []Edit{{Equal, "a\n"}, {Delete, "b"}, {Insert, "b\n"}}},
		{"two places joined", "a\nx\nb\n", "b\n", []Edit{{Delete, "a\nx\n"}, {Equal, "b\n"}}},
		{"paragraph added", "a\n\nb\n", "a\n\nnew\n\nb\n", []Edit{{Equal, "a\n\n"}, {Insert, "new\n\n"}, {Equal, "b\n"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Diff(tt.old, tt.new)); diff != "" {
				t.Errorf("edits (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDiffWordsReportsWords(t *testing.T) {
	for _, tt := range []struct {
		name, old, new string
		want           []Edit
	}{
		{"one word", "the old box", "the new box", []Edit{{Equal, "the "}, {Delete, "old"}, {Insert, "new"}, {Equal, " box"}}},
		{"a phrase is one change", "a red small box", "a big blue box", []Edit{{Equal, "a "}, {Delete, "red small"}, {Insert, "big blue"}, {Equal, " box"}}},
		{"punctuation apart", "done.", "done!", []Edit{{Equal, "done"}, {Delete, "."}, {Insert, "!"}}},
		{"ideographs one by one", "我有一本书", "我有两本书", []Edit{{Equal, "我有"}, {Delete, "一"}, {Insert, "两"}, {Equal, "本书"}}},
		{"accents stay on their letter", "cafe\u0301 x", "cafe x", []Edit{{Delete, "cafe\u0301"}, {Insert, "cafe"}, {Equal, " x"}}},
		{"Arabic", "مرحبا بكم", "مرحبا بك", []Edit{{Equal, "مرحبا "}, {Delete, "بكم"}, {Insert, "بك"}}},
		{"line ends kept apart", "a b\nc d\n", "a x\ny d\n", []Edit{{Equal, "a "}, {Delete, "b"}, {Insert, "x"}, {Equal, "\n"}, {Delete, "c"}, {Insert, "y"}, {Equal, " d\n"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, DiffWords(tt.old, tt.new)); diff != "" {
				t.Errorf("edits (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLinesKeepTheirEnds(t *testing.T) {
	got := Lines("a\r\n\n\x00\xff\nlast")
	if diff := cmp.Diff([]string{"a\r\n", "\n", "\x00\xff\n", "last"}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestOpSaysItsName(t *testing.T) {
	if got := Equal.String() + Delete.String() + Insert.String(); got != "equaldeleteinsert" {
		t.Errorf("got %q", got)
	}
}
