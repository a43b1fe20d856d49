package markup

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// allowed is every element that may be in a page, with its attributes.
var allowed = map[string]string{
	"p": "dir class", "pre": "dir", "code": "class", "blockquote": "dir", "hr": "", "br": "",
	"h1": "id dir", "h2": "id dir", "h3": "id dir", "h4": "id dir", "h5": "id dir", "h6": "id dir",
	"ul": "", "ol": "start", "li": "dir id", "em": "", "strong": "", "del": "", "sup": "id",
	"table": "", "thead": "", "tbody": "", "tr": "", "th": "dir align", "td": "dir align",
	"a": "href title class rel role", "img": "src alt title loading",
	"input": "type checked disabled", "div": "class role",
}

var (
	tagPattern       = regexp.MustCompile(`^<(/?)([a-z][a-z0-9]*)((?: [a-z]+="[^"<>]*")*)>`)
	attributePattern = regexp.MustCompile(` ([a-z]+)="([^"<>]*)"`)
	void             = []string{"br", "hr", "img", "input"}
)

// checkSafe reads HTML as strictly as the renderer should write it: known elements with
// known attributes, properly closed, harmless values. What it accepts no browser runs.
func checkSafe(page string) error {
	if !utf8.ValidString(page) || strings.Contains(page, "\x00") {
		return fmt.Errorf("not clean UTF-8: %q", page)
	}
	var open []string
	for rest := page; ; {
		i := strings.IndexByte(rest, '<')
		if i < 0 {
			break
		}
		rest = rest[i:]
		m := tagPattern.FindStringSubmatch(rest)
		if m == nil {
			return fmt.Errorf("no proper tag: %.200q", rest)
		}
		rest = rest[len(m[0]):]
		name, closes := m[2], m[1] == "/"
		attributes, known := allowed[name]
		switch {
		case !known:
			return fmt.Errorf("element %s is not allowed", m[0])
		case closes && (len(open) == 0 || open[len(open)-1] != name || m[3] != ""):
			return fmt.Errorf("%s closes nothing within %v", m[0], open)
		case closes:
			open = open[:len(open)-1]
			continue
		case name == "a" && slices.Contains(open, "a"):
			return fmt.Errorf("link in a link: %s", m[0])
		case !slices.Contains(void, name):
			open = append(open, name)
		}
		for _, a := range attributePattern.FindAllStringSubmatch(m[3], -1) {
			if !slices.Contains(strings.Fields(attributes), a[1]) {
				return fmt.Errorf("attribute %s is not allowed in %s", a[1], m[0])
			}
			if err := checkValue(a[1], html.UnescapeString(a[2])); err != nil {
				return fmt.Errorf("%s: %w", m[0], err)
			}
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("left open: %v", open)
	}
	return nil
}

var schemeOf = regexp.MustCompile(`^[^/?#]*?:`)

func checkValue(name, value string) error {
	ok := true
	switch name {
	case "href", "src":
		scheme := strings.ToLower(strings.TrimSuffix(schemeOf.FindString(value), ":"))
		_, known := schemes[scheme]
		ok = (scheme == "" || known) && !strings.ContainsFunc(value, unicode.IsControl) && strings.TrimSpace(value) == value
	case "id":
		ok = strings.HasPrefix(value, IDPrefix) && !strings.ContainsAny(value, " \t\n")
	case "dir":
		ok = value == "auto"
	case "class":
		ok = strings.HasPrefix(value, "language-") || slices.Contains([]string{"page", "wanted", "notice",
			"footnotes", "footnote-ref", "footnote-backref"}, value)
	case "rel":
		ok = value == string(relExternal)
	case "align":
		ok = slices.Contains([]string{"left", "right", "center"}, value)
	case "type":
		ok = value == "checkbox"
	}
	if !ok {
		return fmt.Errorf("%s has the value %q", name, value)
	}
	return nil
}

// The checker itself must refuse what it is there to find.
func TestCheckSafeRefuses(t *testing.T) {
	for _, page := range []string{
		"<script>", "<p onclick=\"x\">a</p>", "<p style=\"x\">a</p>", "<p>a", "a</p>", "<p", "<p><em></p></em>",
		`<a href="javascript:x">a</a>`, `<a href="JavaScript&#58;x">a</a>`, `<a href="java` + "\t" + `script:x">a</a>`,
		`<a href=" javascript:x">a</a>`, `<a href="data:text/html,x">a</a>`, `<img src="data:image/png;x" alt="">`,
		`<h1 id="menu">a</h1>`, `<a href="/"><a href="/">x</a></a>`, "<p>\x00</p>", "<p>\xff</p>", "<!-- a -->", "<IMG>",
		`<a href='x'>a</a>`, `<a href=x>a</a>`, `<div class="banner"></div>`, "<iframe></iframe>", "<svg></svg>",
	} {
		if checkSafe(page) == nil {
			t.Errorf("accepted %q", page)
		}
	}
	if err := checkSafe(`<p dir="auto">a<br>b <a href="/wiki/x" class="page">x</a></p>`); err != nil {
		t.Error(err)
	}
}

// attacks are sources that try to get a script, a style or a false frame into a page.
var attacks = []string{
	"<script>alert(1)</script>", "a <script>alert(1)</script> b", "<SCRIPT SRC=//x>", "<img src=x onerror=alert(1)>",
	"a <img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "<iframe src=javascript:alert(1)>", "<style>*{}</style>",
	"<!-- --><script>alert(1)</script>", "<!--\n--><script>alert(1)</script>", "a <!-- --> <b onclick=x>", "<br onclick=x>", "<br/ onclick=x>",
	"[a](javascript:alert(1))", "[a](JaVaScRiPt:alert(1))", "[a]( javascript:alert(1))", "[a](<javascript:alert(1)>)",
	"[a](java&#x73;cript:alert(1))", "[a](javascript&colon;alert(1))", "[a](&#x6A;avascript:alert(1))", "[a](\\javascript:alert(1))",
	"[a](java\\script:alert(1))", "[a](&Tab;javascript:alert(1))", "[a](java&NewLine;script:alert(1))", "[a](&#1;javascript:alert(1))",
	"[a](%6Aavascript:alert(1))", "[a](javascript%3Aalert(1))", "[a](vbscript:x)", "[a](data:text/html,<script>)", "![a](data:image/svg+xml,x)",
	"![a](data:image/png;base64,AAAA)", "![a](javascript:x)", "[a](file:///etc/passwd)", "[a](blob:x)", "[a](about:blank)", "[a](view-source:x)",
	"<javascript:alert(1)>", "<data:text/html,x>", "[a]\n\n[a]: javascript:alert(1)", "![a]\n\n[a]: data:x",
	"[a](x \"\\\" onclick=alert(1) \\\"\")", "[a](x 'y\" onclick=\"z')", "[a](x\" onclick=\"y)", "[a](<x\" onclick=\"y>)", "![a\" onerror=\"y](x)",
	"![a](x \"y\\\" onerror=z\")", "[[a\" onclick=\"b]]", "[[a|b\" onclick=\"c]]", "[[<script>|<script>]]", "[[javascript:alert(1)]]",
	"[[a#\" onclick=\"b]]", "[[#\"><script>]]", "```\" onclick=\"x\n```", "```<script>\n```", "~~~ a&quot;b\n~~~", "# <script>", "# \" onclick=\"",
	"# h-a\n[a](#h-a)", "[^\"><script>]\n\n[^\"><script>]: x", "[^a]\n\n[^a]: <script>", "|<script>|\n|-|\n|<script>|", "- [x] <script>",
	"http://a.b/\"onclick=x", "http://a.b/<script>", "www.a.b/'onclick=x", "a@b.c\"onclick=x", "[a](//evil.example)", `[a](/\evil.example)`, `[a](\\evil.example)`,
	"&lt;script&gt;", "&#60;script&#62;", "\\<script>", "<scr\x00ipt>", "<scr\xffipt>", "[a](https://x/\u202e)", "[a [b](/b) [[c]] <http://d> http://e [^1]](/f)\n\n[^1]: x",
	"[![a](b)](c)", "![[a](b) [[c]]](d)", "[[[a]]]", "[a](<\x00a>)", "{.class #id onclick=x}", "# a {#menu onclick=x}", "<div id=menu>\n\ntext\n\n</div>",
}

func TestAttacksAreRenderedHarmless(t *testing.T) {
	for _, source := range attacks {
		for _, exists := range []bool{true, false} {
			d := Render(source, Context{Page: "a/b", Exists: func(string) bool { return exists }})
			if err := checkSafe(d.HTML); err != nil {
				t.Errorf("%q became %s: %v", source, d.HTML, err)
			}
		}
	}
}

func FuzzRender(f *testing.F) {
	for _, source := range attacks {
		f.Add(source, "a/b", true)
	}
	for _, write := range hostile {
		f.Add(write(5000), "common/tar", false)
	}
	f.Fuzz(func(t *testing.T, source, page string, exists bool) {
		d := Render(source, Context{Page: page, Exists: func(string) bool { return exists }})
		if err := checkSafe(d.HTML); err != nil {
			t.Fatalf("%q became %q: %v", source, d.HTML, err)
		}
		for _, h := range d.Headings {
			if !strings.Contains(d.HTML, `id="`+html.EscapeString(h.ID)+`"`) {
				t.Fatalf("heading %+v is not in %q", h, d.HTML)
			}
		}
		for _, names := range [][]string{d.Links, d.Wanted, d.Files} {
			if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
				t.Fatalf("%q is not a sorted set", names)
			}
		}
	})
}
