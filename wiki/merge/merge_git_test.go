//go:build system

package merge

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// outcome of one merge: its text if clean.
type outcome struct {
	text  string
	clean bool
}

func ourMerge(tr triple) outcome {
	text, clean := Text(tr.base, tr.mine, tr.theirs).Clean()
	return outcome{text, clean}
}

// gitMerge asks git merge-file, which exits with the number of conflicts. Without git
// the test fails: a comparison that did not happen must not look like one that did.
func gitMerge(t *testing.T, dir string, tr triple) outcome {
	t.Helper()
	for name, s := range map[string]string{"base": tr.base, "mine": tr.mine, "theirs": tr.theirs} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("git", "merge-file", "-p", "mine", "base", "theirs")
	cmd.Dir = dir
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err := cmd.Run()
	if code := cmd.ProcessState.ExitCode(); err != nil && (code < 1 || code > 127) {
		t.Fatalf("run git merge-file: %v: %s", err, complaint.String())
	}
	if err != nil {
		return outcome{}
	}
	return outcome{out.String(), true}
}

// tally counts how two mergers agree.
type tally struct{ same, bothConflict, otherText, oursClean, gitClean int }

func (n *tally) agreed() int { return n.same + n.bothConflict }

func (n *tally) count(ours, git outcome) {
	switch {
	case ours == git && ours.clean:
		n.same++
	case ours == git:
		n.bothConflict++
	case ours.clean && git.clean:
		n.otherText++
	case ours.clean:
		n.oursClean++
	default:
		n.gitClean++
	}
}

func compareWithGit(t *testing.T, triples int, seed uint64, draw func(*rand.Rand) triple, onDifference func(triple, outcome, outcome)) tally {
	dir, r := t.TempDir(), random(seed)
	var n tally
	for range triples {
		tr := draw(r)
		ours, git := ourMerge(tr), gitMerge(t, dir, tr)
		n.count(ours, git)
		if ours != git {
			onDifference(tr, ours, git)
		}
	}
	t.Logf("%d triples, %d agreed: %+v", triples, n.agreed(), n)
	return n
}

func TestSystemGitAgreesWhereLinesPairInOneWay(t *testing.T) {
	n := compareWithGit(t, 600, 1, plainTriple, func(tr triple, ours, git outcome) {
		t.Errorf("ours %+v\ngit %+v\n%v", ours, git, tr)
	})
	if n.same < 100 || n.bothConflict < 100 {
		t.Errorf("too one-sided to prove anything: %+v", n)
	}
}

// Where lines repeat, there are several shortest differences, and which one is taken
// decides what touches what. We pair unique lines first and git does not (by default),
// so we differ on purpose; but never where each line occurs once in each text, and
// seldom elsewhere, although these triples are made to be as ambiguous as they can be.
func TestSystemGitMostlyAgreesWhereLinesRepeat(t *testing.T) {
	const triples = 900
	n := compareWithGit(t, triples, 2, randomTriple, func(tr triple, ours, git outcome) {
		if !repeats(tr.base) && !repeats(tr.mine) && !repeats(tr.theirs) {
			t.Errorf("differs though no line repeats:\nours %+v\ngit %+v\n%v", ours, git, tr)
		}
	})
	if n.agreed() < triples*90/100 {
		t.Errorf("agreed on %d of %d only", n.agreed(), triples)
	}
	if n.gitClean > 2*n.oursClean+triples/50 {
		t.Errorf("we conflict far more often than git: %+v", n)
	}
}

// The edge cases people ask about. git decides them the same way, so a person who
// knows git meets no surprise.
func TestSystemGitDecidesTheHandCasesAlike(t *testing.T) {
	dir := t.TempDir()
	for _, tr := range []triple{
		{"a\nb\n", "A\nb\n", "a\nB\n"},
		{"a\nb\n", "a\nx\nb\n", "a\nB\n"},
		{"a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\n"},
		{"a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n"},
		{"a\nb\n", "a\nb", "a\nB\n"},
		{"a\nb\nc\n", "a\nb\nc", "A\nb\nc\n"},
		{"a\r\nb\nc\n", "a\nb\nc\n", "a\r\nb\nC\n"},
		{"", "x\n", "y\n"},
		{"x\nx\n", "x\nx\nx\n", "x\nx\nx\n"},
		{"a\nb\n", "", "a\nB\n"},
	} {
		if ours, git := ourMerge(tr), gitMerge(t, dir, tr); ours != git {
			t.Errorf("ours %+v\ngit %+v\n%v", ours, git, tr)
		}
	}
}

func repeats(s string) bool {
	seen := map[string]bool{}
	for _, line := range Lines(s) {
		if seen[line] {
			return true
		}
		seen[line] = true
	}
	return false
}
