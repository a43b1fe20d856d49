package markup

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRender(t *testing.T) {
	for _, tt := range []struct{ name, source, want string }{
		{"nothing", "", ""},
		{"paragraph", "a\nb", "<p dir=\"auto\">a\nb</p>\n"},
		{"CRLF and CR", "a\r\n\r\nb\rc", "<p dir=\"auto\">a</p>\n<p dir=\"auto\">b\nc</p>\n"},
		{"byte order mark", "\ufeff# a", "<h1 id=\"h-a\" dir=\"auto\">a</h1>\n"},
		{"invalid UTF-8", "a\xff\xfeb\x00", "<p dir=\"auto\">a\ufffdb\ufffd</p>\n"},
		{"Arabic", "# قرية\n\n- بيت\n\n> نص", "<h1 id=\"h-قرية\" dir=\"auto\">قرية</h1>\n<ul>\n<li dir=\"auto\">بيت</li>\n</ul>\n<blockquote dir=\"auto\"><p dir=\"auto\">نص</p>\n</blockquote>\n"},
		{"table", "|a|b|\n|:-|-:|\n|[[README\\|r]]|`x\\|y`|", "<table>\n<thead>\n<tr>\n<th align=\"left\" dir=\"auto\">a</th>\n<th align=\"right\" dir=\"auto\">b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td align=\"left\" dir=\"auto\"><a href=\"/wiki/README\" class=\"page\">r</a></td>\n<td align=\"right\" dir=\"auto\"><code>x|y</code></td>\n</tr>\n</tbody>\n</table>\n"},
		{"strikethrough and tasks", "- [x] ~~a~~\n- [ ] b", "<ul>\n<li dir=\"auto\"><input checked=\"\" disabled=\"\" type=\"checkbox\"> <del>a</del></li>\n<li dir=\"auto\"><input disabled=\"\" type=\"checkbox\"> b</li>\n</ul>\n"},
		{"bare address", "at www.example.org.", "<p dir=\"auto\">at <a href=\"http://www.example.org\" rel=\"nofollow noopener ugc\">www.example.org</a>.</p>\n"},
		{"mail address", "<a@b.c> d@e.f", "<p dir=\"auto\"><a href=\"mailto:a@b.c\">a@b.c</a> <a href=\"mailto:d@e.f\">d@e.f</a></p>\n"},
		{"footnote", "a[^n]\n\n[^n]: b", "<p dir=\"auto\">a<sup id=\"h-fnref:1\"><a href=\"#h-fn:1\" class=\"footnote-ref\" role=\"doc-noteref\">1</a></sup></p>\n<div class=\"footnotes\" role=\"doc-endnotes\">\n<hr>\n<ol>\n<li id=\"h-fn:1\">\n<p dir=\"auto\">b&#160;<a href=\"#h-fnref:1\" class=\"footnote-backref\" role=\"doc-backlink\">&#x21a9;&#xfe0e;</a></p>\n</li>\n</ol>\n</div>\n"},
		{"footnote in a link", "[a[^n]](/x)\n\n[^n]: b", "<p dir=\"auto\">a<sup id=\"h-fnref:1\"><a href=\"#h-fn:1\" class=\"footnote-ref\" role=\"doc-noteref\">1</a></sup></p>\n<div class=\"footnotes\" role=\"doc-endnotes\">\n<hr>\n<ol>\n<li id=\"h-fn:1\">\n<p dir=\"auto\">b&#160;<a href=\"#h-fnref:1\" class=\"footnote-backref\" role=\"doc-backlink\">&#x21a9;&#xfe0e;</a></p>\n</li>\n</ol>\n</div>\n"},
		{"fenced code", "```go run\na < b\n[[c]]\n```", "<pre><code class=\"language-go\">a &lt; b\n[[c]]\n</code></pre>\n"},
		{"inline HTML", "a <b onclick=\"x\">b</b><!-- c --> d<BR/>e", "<p dir=\"auto\">a &lt;b onclick=&quot;x&quot;&gt;b&lt;/b&gt; d<br>e</p>\n"},
		{"HTML block", "<div>\na\n</div>\n\n<!-- b -->\n\nc", "<pre><code class=\"language-html\">&lt;div&gt;\na\n&lt;/div&gt;\n</code></pre>\n<p dir=\"auto\">c</p>\n"},
		{"comment with more behind it", "<!-- a --> b", "<pre><code class=\"language-html\">&lt;!-- a --&gt; b\n</code></pre>\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Render(tt.source, inCorpus("x")).HTML
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("HTML (-want +got):\n%s", diff)
			}
			if err := checkSafe(got); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestHeadingsMakeTheContents(t *testing.T) {
	d := Render("Intro\n\n## Über `code` & *more*\n\n# The [[tar|title]]\n\n## Usage\n\nUsage\n---\n\n### usage-1\n\n#\n\n# ???\n\n# [x](nope.md)", inCorpus("a"))
	want := []Heading{
		{2, "h-über-code--more", "Über code & more"},
		{1, "h-the-title", "The title"},
		{2, "h-usage", "Usage"},
		{2, "h-usage-1", "Usage"},
		{3, "h-usage-1-1", "usage-1"},
		{1, "h-section", ""},
		{1, "h-section-1", "???"},
		{1, "h-x", "x"},
	}
	if diff := cmp.Diff(want, d.Headings); diff != "" {
		t.Errorf("headings (-want +got):\n%s", diff)
	}
	if d.Title != "The title" {
		t.Errorf("title %q", d.Title)
	}
}

func TestLinksWithinAPageFindTheirHeading(t *testing.T) {
	d := Render("# H-bridge\n# Usage\n[a](#usage) [b](#h-usage) [c](#Usage) [d](#h-bridge) [e](#h-h-bridge) [[#H-bridge]]", inCorpus("a"))
	for _, want := range []string{`href="#h-usage">a`, `href="#h-usage">b`, `href="#h-usage">c`, `href="#h-h-bridge">d`, `href="#h-h-bridge">e`, `href="#h-h-bridge">#H-bridge`} {
		if !strings.Contains(d.HTML, want) {
			t.Errorf("no %s in %s", want, d.HTML)
		}
	}
}

func TestPlainIsTheTextWithoutMarkup(t *testing.T) {
	d := Render("# A *b* &amp; c\\*\n\nfirst\nline <b>x</b> [l](u) [[p|label]] ![alt](i.png) <http://a.b>[^1]\n\n- one\n- two\n\n|h|\n|-|\n|cell|\n\n```\ncode <x>\n```\n\n<div>\nraw\n</div>\n\n[^1]: note", inCorpus("a"))
	want := "A b & c*\nfirst line x l label alt http://a.b\none\ntwo\nh\ncell\ncode <x>\nnote\n"
	if diff := cmp.Diff(want, d.Plain); diff != "" {
		t.Errorf("plain (-want +got):\n%s", diff)
	}
}

func TestTooLongPagesAreShownAsPlainText(t *testing.T) {
	source := strings.Repeat("a <b> \x00\r\n", maxSource/7)
	d := Render(source, Context{})
	if d.Notice == "" || !strings.HasPrefix(d.HTML, "<p class=\"notice\">"+d.Notice+"</p>\n<pre dir=\"auto\">a &lt;b&gt; \ufffd\na ") {
		t.Errorf("notice %q, HTML %.200q", d.Notice, d.HTML)
	}
	if err := checkSafe(d.HTML); err != nil {
		t.Error(err)
	}
}

func TestPagesThatGrowTooMuchAreShownAsPlainText(t *testing.T) {
	d := Render("[^1]: x\n\n"+strings.Repeat("[^1]\n\n", 50_000), Context{})
	if !strings.Contains(d.Notice, "far too long") || !strings.Contains(d.HTML, "[^1]\n\n[^1]") {
		t.Errorf("notice %q, %d bytes of HTML", d.Notice, len(d.HTML))
	}
}

func TestDeepNestingStopsAtALimit(t *testing.T) {
	d := Render(strings.Repeat(">", 10_000)+" a", Context{})
	if n := strings.Count(d.HTML, "<blockquote"); n < 50 || n > maxDepth {
		t.Errorf("%d quotes inside each other", n)
	}
	d = Render(strings.Repeat("- ", 500)+"a", Context{})
	if n := strings.Count(d.HTML, "<ul"); n < 25 || n > maxDepth {
		t.Errorf("%d lists inside each other", n)
	}
}

// A page as people write them, and what becomes of it. To see a change of the renderer
// as a whole, write the new page over testdata/page.html and read the difference.
func TestGoldenPage(t *testing.T) {
	source, err := os.ReadFile("testdata/page.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/page.html")
	if err != nil {
		t.Fatal(err)
	}
	d := Render(string(source), inCorpus("common/tar"))
	if diff := cmp.Diff(string(want), d.HTML); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
	if err := checkSafe(d.HTML); err != nil {
		t.Error(err)
	}
}

// BenchmarkRender makes a page of 3.5 kB, the mean of the corpora we measure with.
func BenchmarkRender(b *testing.B) {
	page, err := os.ReadFile("testdata/page.md")
	if err != nil {
		b.Fatal(err)
	}
	source := strings.Repeat(string(page), 1+3500/len(page))[:3500]
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		Render(source, inCorpus("common/tar"))
	}
}

func ExampleRender() {
	d := Render("See [[common/tar]] and [[tapes]].", Context{Exists: func(name string) bool { return name == "common/tar" }})
	fmt.Print(d.HTML)
	fmt.Println(d.Wanted)
	// Output:
	// <p dir="auto">See <a href="/wiki/common/tar" class="page">common/tar</a> and <a href="/wiki/tapes" class="wanted">tapes</a>?.</p>
	// [tapes]
}
