package markup

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// corpus is a small wiki; the pages with odd names are real ones.
var corpus = map[string]bool{
	"common/tar": true, "common/gzip": true, "linux/apt": true, "README": true, "node.js": true, "common/node.js": true,
	"[[": true, "((": true, "%": true, "]]": true, "common/[[": true, "common/%": true, "common/history": true,
	"Ä ö": true, "قرية/بيت": true, "Dr. Who": true, "Release 1.2": true,
}

func inCorpus(page string) Context {
	return Context{Page: page, Exists: func(name string) bool { return corpus[name] }}
}

// inline renders one paragraph without its frame.
func inline(source, page string) string {
	s := Render(source, inCorpus(page)).HTML
	s = strings.TrimSuffix(strings.TrimPrefix(s, `<p dir="auto">`), "</p>\n")
	return s
}

func TestWikiLinks(t *testing.T) {
	for _, tt := range []struct{ source, want string }{
		{"[[common/tar]]", `<a href="/wiki/common/tar" class="page">common/tar</a>`},
		{"[[ common/tar ]]", `<a href="/wiki/common/tar" class="page">common/tar</a>`},
		{"[[common/tar|the archiver]]", `<a href="/wiki/common/tar" class="page">the archiver</a>`},
		{"[[common/tar|]]", `<a href="/wiki/common/tar" class="page">common/tar</a>`},
		{"[[common/tar|a < *b* & c]]", `<a href="/wiki/common/tar" class="page">a &lt; *b* &amp; c</a>`},
		{"[[common/tar|a|b]]", `<a href="/wiki/common/tar" class="page">a|b</a>`},
		{"[[common/tar#Extract files]]", `<a href="/wiki/common/tar#h-extract-files" class="page">common/tar#Extract files</a>`},
		{"[[common/tar#h-usage|usage]]", `<a href="/wiki/common/tar#h-usage" class="page">usage</a>`},
		{"[[#Usage]]", `<a href="#h-usage">#Usage</a>`},
		{"[[tar]]", `<a href="/wiki/tar" class="wanted">tar</a>?`},
		{"see [[tar]].", `see <a href="/wiki/tar" class="wanted">tar</a>?.`},
		{"[[./gzip]]", `<a href="/wiki/common/gzip" class="page">./gzip</a>`},
		{"[[../linux/apt]]", `<a href="/wiki/linux/apt" class="page">../linux/apt</a>`},
		{"[[../../../README]]", `<a href="/wiki/README" class="page">../../../README</a>`},
		{"[[/common/tar]]", `<a href="/wiki/common/tar" class="page">/common/tar</a>`},
		{"[[/]]", `<a href="/">/</a>`},
		{"[[((]]", `<a href="/wiki/%28%28" class="page">((</a>`},
		{"[[%]]", `<a href="/wiki/%25" class="page">%</a>`},
		{"[[Ä ö]]", `<a href="/wiki/%C3%84%20%C3%B6" class="page">Ä ö</a>`},
		{"[[قرية/بيت]]", `<a href="/wiki/%D9%82%D8%B1%D9%8A%D8%A9/%D8%A8%D9%8A%D8%AA" class="page">قرية/بيت</a>`},
		{"[[a\"b'c]]", `<a href="/wiki/a%22b%27c" class="wanted">a&quot;b'c</a>?`},
		{"[[Help:Contents?x=1&y]]", `<a href="/wiki/Help:Contents%3Fx=1&amp;y" class="wanted">Help:Contents?x=1&amp;y</a>?`},
		{"**[[common/tar]]**", `<strong><a href="/wiki/common/tar" class="page">common/tar</a></strong>`},
		{"[[[common/tar]]]", `[<a href="/wiki/common/tar" class="page">common/tar</a>]`},
		// not wiki links
		{"[[", "[["},
		{"[[]]", "[[]]"},
		{"[[ ]]", "[[ ]]"},
		{"[[|x]]", "[[|x]]"},
		{"[[#]]", "[[#]]"},
		{"[[[[]]", "[[[[]]"},
		{"[[a", "[[a"},
		{"[[a]", "[[a]"},
		{"[[a\nb]]", "[[a\nb]]"},
		{"[[a[b]]]", "[[a[b]]]"},
		{"if [[ -f x ]", "if [[ -f x ]"},
		{`\[[common/tar]]`, "[[common/tar]]"},
		{`[\[common/tar]]`, "[[common/tar]]"},
		{"`[[common/tar]]`", "<code>[[common/tar]]</code>"},
		{"![[common/tar]]", "![[common/tar]]"},
		{"[[1]](/notes)", `<a href="/notes">[1]</a>`},
		{"[[1]]\n\n[1]: /notes", `[<a href="/notes">1</a>]`},
		{"[[" + strings.Repeat("a", 1001) + "]]", "[[" + strings.Repeat("a", 1001) + "]]"},
		// no link in a link
		{"[see [[common/tar]] now](/x)", `[see <a href="/wiki/common/tar" class="page">common/tar</a> now](/x)`},
		{"[see <http://x.y> now](/x)", `<a href="/x">see http://x.y now</a>`},
	} {
		if got := inline(tt.source, "common/zip"); got != tt.want {
			t.Errorf("%q\ngot  %s\nwant %s", tt.source, got, tt.want)
		}
	}
}

func TestRelativeLinksFollowFolders(t *testing.T) {
	for _, tt := range []struct{ page, address, want string }{
		{"common/tar", "gzip.md", `href="/wiki/common/gzip" class="page"`},
		{"common/tar", "gzip.MD", `href="/wiki/common/gzip" class="page"`},
		{"common/tar", "gzip", `href="/wiki/common/gzip" class="page"`},
		{"common/tar", "./gzip.md#usage", `href="/wiki/common/gzip#h-usage" class="page"`},
		{"common/tar", "gzip.md?x=1#Extract%20files", `href="/wiki/common/gzip?x=1#h-extract-files" class="page"`},
		{"common/tar", "../linux/apt.md", `href="/wiki/linux/apt" class="page"`},
		{"common/tar", "../../../linux/apt.md", `href="/wiki/linux/apt" class="page"`},
		{"tar", "linux/apt.markdown", `href="/wiki/linux/apt" class="page"`},
		{"common/tar", "%2e%2e/linux/apt", `href="/wiki/linux/apt" class="page"`},
		{"common/tar", "..%2Flinux%2Fapt", `href="/wiki/linux/apt" class="page"`},
		{"common/tar", "..", `href="/"`},
		{"common/tar", "nope.md", `href="/wiki/common/nope" class="wanted"`},
		{"common/tar", "<[[.md>", `href="/wiki/common/%5B%5B" class="page"`},
		{"common/tar", "%5B%5B", `href="/wiki/common/%5B%5B" class="page"`},
		{"common/tar", "%25.md", `href="/wiki/common/%25" class="page"`},
		{"common/tar", "%", `href="/wiki/common/%25" class="page"`},
		{"tar", "<Dr. Who>", `href="/wiki/Dr.%20Who" class="page"`},
		{"tar", "Release%201.2", `href="/wiki/Release%201.2" class="page"`},
		{"tar", "node.js", `href="/wiki/node.js" class="page"`},
		{"common/tar", "node.js", `href="/wiki/common/node.js" class="page"`},
		{"common/tar", "app.js", `href="/files/common/app.js"`},
		{"common/tar", "pic.png", `href="/files/common/pic.png"`},
		{"common/tar", "../a%20b.pdf#page=2", `href="/files/a%20b.pdf#page=2"`},
		{"common/tar", "x.7z", `href="/files/common/x.7z"`},
		{"common/tar", "#Usage", `href="#h-usage"`},
		{"common/tar", "#", `href="#"`},
		{"common/tar", "?a=b", `href="?a=b"`},
		{"common/tar", "", `href=""`},
		{"common/tar", "/wiki/common/%5B%5B", `href="/wiki/common/%5B%5B" class="page"`},
		{"common/tar", "/wiki/%25", `href="/wiki/%25" class="page"`},
		{"common/tar", "/wiki/nope#x", `href="/wiki/nope#x" class="wanted"`},
		{"common/tar", "/wiki/", `href="/wiki/"`},
		{"common/tar", "/history/common/tar", `href="/history/common/tar"`},
		{"common/tar", "https://example.org/a?b&amp;c#d", `href="https://example.org/a?b&amp;c#d" rel="nofollow noopener ugc"`},
		{"common/tar", "HTTPS://example.org/gzip.md", `href="HTTPS://example.org/gzip.md" rel="nofollow noopener ugc"`},
		{"common/tar", "//example.org/x", `href="//example.org/x" rel="nofollow noopener ugc"`},
		{"common/tar", "mailto:a@b.c", `href="mailto:a@b.c"`},
		{"common/tar", "tel:+1234", `href="tel:+1234"`},
		{"common/tar", `gzip.md "the &quot;zip"`, `href="/wiki/common/gzip" title="the &quot;zip" class="page"`},
	} {
		got := inline("[x]("+tt.address+")", tt.page)
		got = strings.TrimSuffix(got, "?")
		if want := "<a " + tt.want + ">x</a>"; got != want {
			t.Errorf("(%s) in %s\ngot  %s\nwant %s", tt.address, tt.page, got, want)
		}
	}
}

func TestImagesAreFiles(t *testing.T) {
	for _, tt := range []struct{ source, want string }{
		{"![A *b* `c`](pic.png)", `<img src="/files/common/pic.png" alt="A b c" loading="lazy">`},
		{`![](../pic.png "A title")`, `<img src="/files/pic.png" alt="" title="A title" loading="lazy">`},
		{"![x](pic)", `<img src="/files/common/pic" alt="x" loading="lazy">`},
		{"![x](gzip.md)", `<img src="/files/common/gzip.md" alt="x" loading="lazy">`},
		{"![x](/files/a.png)", `<img src="/files/a.png" alt="x" loading="lazy">`},
		{"![x](https://a.b/c.png)", `<img src="https://a.b/c.png" alt="x" loading="lazy">`},
		{"![x *y*](data:image/png;base64,AA)", `x <em>y</em>`},
		{"[![x](pic.png)](gzip.md)", `<a href="/wiki/common/gzip" class="page"><img src="/files/common/pic.png" alt="x" loading="lazy"></a>`},
	} {
		if got := inline(tt.source, "common/tar"); got != tt.want {
			t.Errorf("%q\ngot  %s\nwant %s", tt.source, got, tt.want)
		}
	}
}

func TestDangerousAddressesLoseTheirLink(t *testing.T) {
	for _, address := range []string{"javascript:alert(1)", "JAVASCRIPT:x", "vbscript:x", "data:text/html,x", "data:image/png;base64,A",
		"file:///etc/passwd", "blob:x", "unknown:x", "&#106;avascript:x", "java&NewLine;script:x", "https://" + strings.Repeat("a", longest)} {
		if got := inline("[*x*]("+address+")", "a"); got != "<em>x</em>" {
			t.Errorf("%s: got %s", address, got)
		}
	}
	if got := inline("<javascript:alert(1)>", "a"); got != "javascript:alert(1)" {
		t.Errorf("got %s", got)
	}
}

func TestDocumentListsWhatItLinksTo(t *testing.T) {
	d := Render(`[[linux/apt]] [[tar]] [[tar|again]] [x](gzip.md) [x](gzip.md#y) [x](/wiki/nope) [x](a.pdf) ![x](b.png)
[x](/files/c.txt) [x](https://example.org) [x](#y) `+"`[[code]]`", inCorpus("common/zip"))
	got := [][]string{d.Links, d.Wanted, d.Files}
	want := [][]string{
		{"common/gzip", "linux/apt", "nope", "tar"},
		{"nope", "tar"},
		{"c.txt", "common/a.pdf", "common/b.png"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("links, wanted, files (-want +got):\n%s", diff)
	}
}

func TestExistsIsAskedOncePerName(t *testing.T) {
	asked := map[string]int{}
	Render("[[a]] [[a]] [x](a.md) [y](b.js) [z](b.js)", Context{Page: "x", Exists: func(name string) bool {
		asked[name]++
		return name == "a"
	}})
	if asked["a"] != 1 || asked["b.js"] != 1 {
		t.Errorf("asked %v", asked)
	}
}

func TestReferencesMayNotBorrowWithoutEnd(t *testing.T) {
	d := Render("[x]: /"+strings.Repeat("a", 1500)+"\n\n"+strings.Repeat("[x]\n\n", 10_000), Context{})
	if links := strings.Count(d.HTML, "<a "); links < 50 || links > 200 {
		t.Errorf("%d of 10000 references are links", links)
	}
	if d.Notice != "" {
		t.Errorf("notice %q", d.Notice)
	}
}

func TestPagePathAndFilePathEscapeEachPart(t *testing.T) {
	for name, want := range map[string]string{
		"common/tar": "common/tar", "[[": "%5B%5B", "%": "%25", "a b/c?d#e": "a%20b/c%3Fd%23e", "ö": "%C3%B6", `"'<>`: "%22%27%3C%3E",
	} {
		if got := PagePath(name); got != "/wiki/"+want {
			t.Errorf("PagePath(%q) = %q", name, got)
		}
		if got := FilePath(name); got != "/files/"+want {
			t.Errorf("FilePath(%q) = %q", name, got)
		}
	}
}
