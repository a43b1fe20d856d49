package markup

import (
	"bytes"
	"encoding/json"
	"go/build"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// example is one of CommonMark's own tests.
type example struct {
	Number   int `json:"example"`
	Markdown string
	HTML     string
	Section  string
}

// specification reads the examples of CommonMark 0.31.2 that goldmark's source carries.
// That source was compiled into this test, so it is at hand wherever the test is built;
// the compiler's own record of it says where.
func specification(t *testing.T) []example {
	t.Helper()
	file, _ := runtime.FuncForPC(reflect.ValueOf(goldmark.New).Pointer()).FileLine(0)
	if !filepath.IsAbs(file) { // built with -trimpath: module@version/markdown.go
		cache := os.Getenv("GOMODCACHE")
		if cache == "" {
			cache = filepath.Join(filepath.SplitList(build.Default.GOPATH)[0], "pkg", "mod")
		}
		file = filepath.Join(cache, file)
	}
	data, err := os.ReadFile(filepath.Join(filepath.Dir(file), "_test", "spec.json"))
	if err != nil {
		t.Fatalf("read the CommonMark examples: %v", err)
	}
	var examples []example
	if err := json.Unmarshal(data, &examples); err != nil {
		t.Fatalf("parse the CommonMark examples: %v", err)
	}
	if len(examples) != 652 {
		t.Fatalf("%d examples, want 652", len(examples))
	}
	return examples
}

// ours are the examples in which double brackets mean a page to us.
var ours = map[int]string{
	548: "[[[foo]]] is a wiki link in brackets",
	590: "[[foo]]: at the start of a line is a wiki link and a colon",
}

// Our parser, with wiki links and all bounds, and goldmark's renderer with raw HTML on.
func TestCommonMarkIsParsedButForWikiLinks(t *testing.T) {
	plain := renderer.NewRenderer(renderer.WithNodeRenderers(
		util.Prioritized(html.NewRenderer(html.WithUnsafe(), html.WithXHTML()), 1000)))
	md := goldmark.New(goldmark.WithParser(newParser(commonMark())), goldmark.WithRenderer(plain))
	for _, e := range specification(t) {
		var got bytes.Buffer
		if err := md.Convert([]byte(e.Markdown), &got); err != nil {
			t.Fatal(err)
		}
		if same := got.String() == e.HTML; same == (ours[e.Number] != "") {
			t.Errorf("example %d (%s): %q\ngot  %q\nwant %q %s",
				e.Number, e.Section, e.Markdown, got.String(), e.HTML, ours[e.Number])
		}
	}
}

// deviations are the examples that Render shows otherwise than CommonMark, by reason.
var deviations = map[string][]int{
	"raw HTML is shown as text, comments are left out": {21, 31, 148, 149, 150, 151, 152, 153, 154, 155,
		156, 157, 158, 159, 160, 161, 162, 163, 164, 165, 166, 167, 168, 169, 170, 171, 172, 173, 174, 175,
		176, 177, 178, 179, 180, 181, 182, 183, 184, 185, 186, 187, 188, 189, 190, 191, 201, 308, 309, 344,
		475, 476, 477, 491, 494, 524, 536, 613, 614, 615, 616, 617, 623, 625, 626, 627, 628, 629, 630, 631,
		642, 643},
	"addresses of unknown kinds are no links":                  {598, 599, 601},
	"bare addresses are links, as on GitHub":                   {608, 611, 612},
	"blanks before a line break stay, as goldmark leaves them": {226, 635},
	"double brackets are a link to a page":                     {548, 590},
}

// What Render adds to every page, and addresses, which the tests of links look at.
var (
	decoration = regexp.MustCompile(` (?:dir="auto"|loading="lazy"|class="page"|rel="nofollow noopener ugc"|id="h-[^"]*")`)
	address    = regexp.MustCompile(`(href|src)="[^"]*"`)
)

func bare(page string) string {
	page = strings.ReplaceAll(page, "<blockquote>\n", "<blockquote>")
	return address.ReplaceAllString(decoration.ReplaceAllString(page, ""), `$1=""`)
}

func TestCommonMarkIsShownButForListedDeviations(t *testing.T) {
	reasons := map[int]string{}
	for reason, numbers := range deviations {
		for _, n := range numbers {
			reasons[n] = reason
		}
	}
	for _, e := range specification(t) {
		shown := Render(e.Markdown, Context{}).HTML
		got, want := bare(shown), bare(strings.ReplaceAll(e.HTML, " />", ">"))
		if same := got == want; same == (reasons[e.Number] != "") {
			t.Errorf("example %d (%s): %q\ngot  %q\nwant %q %s", e.Number, e.Section, e.Markdown, got, want, reasons[e.Number])
		}
		if err := checkSafe(shown); err != nil {
			t.Errorf("example %d: %v", e.Number, err)
		}
	}
}
