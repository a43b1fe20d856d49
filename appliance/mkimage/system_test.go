//go:build system

package main

import (
	"bytes"
	"crypto/sha256"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The sources are copied to another folder: an image must not know where it was
// built.
func TestSystemImageBuiltTwiceFromTwoFoldersIsTheSameBytes(t *testing.T) {
	here, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := filepath.Join(t.TempDir(), "another", "folder")
	if err := os.MkdirAll(elsewhere, 0o755); err != nil {
		t.Fatal(err)
	}
	files := exec.Command("sh", "-c", `git ls-files -z | xargs -0 cp --parents -t "$0"`, elsewhere)
	files.Dir = here
	if out, err := files.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	sums := map[string][2][]byte{}
	for i, source := range []string{here, elsewhere} {
		out := t.TempDir()
		if err := makeBoard("amd64", source, out, "test", 1_764_000_000); err != nil {
			t.Fatal(err)
		}
		for _, kind := range []string{"img", "root", "kernel", "cmdline", "sbom.json"} {
			pair := sums[kind]
			pair[i] = sum(t, filepath.Join(out, "argss-amd64."+kind))
			sums[kind] = pair
		}
		if info, err := os.Stat(filepath.Join(out, "argss-amd64.root")); err != nil || info.Size() > 40_000_000 {
			t.Errorf("the root has %d bytes, at most 40 MB (%v)", info.Size(), err)
		}
	}
	for kind, pair := range sums {
		if !bytes.Equal(pair[0], pair[1]) {
			t.Errorf("argss-amd64.%s is not the same bytes twice", kind)
		}
	}
}

func sum(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		t.Fatal(err)
	}
	return hash.Sum(nil)
}
