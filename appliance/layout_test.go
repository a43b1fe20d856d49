package appliance_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The rules of the house. Imports are parsed in this process: a test that
// asked `go list` would be cached while the tree changed under it.

const module = "github.com/argss/argss"

// domains are the top-level folders; appliance is where they meet.
var domains = []string{"appliance", "disks", "fleet", "hardware", "images", "vip", "wiki"}

type sourceFile struct {
	path string // from the root of the module
	*ast.File
	fset *token.FileSet
}

func (f sourceFile) dir() string    { return path.Dir(f.path) }
func (f sourceFile) domain() string { return strings.Split(f.path, "/")[0] }
func (f sourceFile) test() bool     { return strings.HasSuffix(f.path, "_test.go") }
func (f sourceFile) generated() bool {
	return strings.HasSuffix(f.path, "_templ.go")
}
func (f sourceFile) line(p token.Pos) int { return f.fset.Position(p).Line }

func (f sourceFile) imports() []string {
	var list []string
	for _, i := range f.Imports {
		list = append(list, strings.Trim(i.Path.Value, `"`))
	}
	return list
}

func sources(t *testing.T) []sourceFile {
	t.Helper()
	var files []sourceFile
	root := ".."
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && p != root && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata" || p == filepath.Join(root, "run")) {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		files = append(files, sourceFile{filepath.ToSlash(rel), parsed, fset})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("found only %d Go files: the test does not see the tree", len(files))
	}
	return files
}

func standard(importPath string) bool {
	return !strings.Contains(strings.Split(importPath, "/")[0], ".")
}

func TestTopLevelIsTheSevenDomains(t *testing.T) {
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && !slices.Contains([]string{"bin", "run", "node_modules"}, e.Name()) {
			found = append(found, e.Name())
		}
	}
	if !slices.Equal(found, domains) {
		t.Errorf("top-level folders are %v, want %v: a stranger learns the product from them", found, domains)
	}
}

func TestHeartsArePure(t *testing.T) {
	for _, f := range sources(t) {
		if f.test() || f.dir() != f.domain() || f.domain() == "appliance" {
			continue
		}
		for _, i := range f.imports() {
			if !standard(i) {
				t.Errorf("%s imports %s: a heart is values in, values out, with the standard library only", f.path, i)
			}
		}
	}
}

func TestDomainsMeetOnlyInTheAppliance(t *testing.T) {
	for _, f := range sources(t) {
		if f.domain() == "appliance" {
			continue
		}
		for _, i := range f.imports() {
			rest, ours := strings.CutPrefix(i, module+"/")
			if ours && strings.Split(rest, "/")[0] != f.domain() {
				t.Errorf("%s imports %s: domains do not know one another, so that each can be understood alone", f.path, i)
			}
		}
	}
}

func TestFakesStayInTests(t *testing.T) {
	for _, f := range sources(t) {
		fake := func(p string) bool { return strings.HasSuffix(p, "test") }
		if f.test() || fake(f.dir()) || f.dir() == "appliance/simulation" {
			continue
		}
		for _, i := range f.imports() {
			if strings.HasPrefix(i, module) && fake(i) {
				t.Errorf("%s imports %s: a fake must never run on a box", f.path, i)
			}
		}
	}
}

func TestEveryPackageOpensWithWhatItOwns(t *testing.T) {
	opening := map[string]string{}
	for _, f := range sources(t) {
		if f.test() {
			continue
		}
		opening[f.dir()] += f.Doc.Text()
	}
	for dir, text := range opening {
		if len(text) < 60 {
			t.Errorf("package %s opens with %q: say what it owns and what it promises", dir, text)
		}
	}
}

func TestFilesHoldOneNoun(t *testing.T) {
	const most = 500
	for _, f := range sources(t) {
		if lines := f.line(f.FileEnd); !f.generated() && lines > most {
			t.Errorf("%s has %d lines: at %d a file holds two nouns", f.path, lines, most)
		}
	}
}

func TestFunctionsFitOneScreen(t *testing.T) {
	const most = 60
	for _, f := range sources(t) {
		if f.generated() || f.test() {
			continue
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				if lines := f.line(fn.End()) - f.line(fn.Pos()) + 1; lines > most {
					t.Errorf("%s: %s has %d lines, and %d fit one screen", f.path, fn.Name.Name, lines, most)
				}
			}
		}
	}
}

func TestProgramsAreShort(t *testing.T) {
	const most = 60
	programs := map[string]int{}
	for _, f := range sources(t) {
		if f.Name.Name == "main" && !f.test() {
			programs[f.dir()] += f.line(f.FileEnd)
		}
	}
	for dir, lines := range programs {
		if lines > most {
			t.Errorf("program %s has %d lines, at most %d: what it does belongs into a package with tests", dir, lines, most)
		}
	}
}

func TestDomainsExportDocumentedNames(t *testing.T) {
	for _, f := range sources(t) {
		if f.test() || f.generated() || f.Name.Name == "main" {
			continue
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if ok && fn.Recv == nil && fn.Name.IsExported() && fn.Doc.Text() == "" {
				t.Errorf("%s: %s is exported without a word for its caller", f.path, fn.Name.Name)
			}
		}
	}
}
