package markup

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// hostile are sources that keep a careless renderer busy: each is a way to write n
// bytes. Most were found by measuring goldmark without the limits of bound.go.
var hostile = map[string]func(n int) string{
	"quotes in one line":   repeated(">"),
	"quotes with blanks":   repeated("> "),
	"quotes and lists":     repeated(">- "),
	"lists in one line":    repeated("- "),
	"numbers in one line":  repeated("1. "),
	"lists with tabs":      repeated("-\t"),
	"deep quote lines":     repeated(strings.Repeat("> ", 500) + "a\n"),
	"flat list":            repeated("- a\n"),
	"blanks after item":    after("- a\n", "\n"),
	"steps of lists":       steps,
	"brackets":             repeated("["),
	"double brackets":      repeated("[[a"),
	"wiki links":           repeated("[[a]]"),
	"nested brackets":      nested("[", "]"),
	"open links":           repeated("[a]("),
	"open angle links":     repeated("[a](<b"),
	"open titles":          repeated(`[a](b "`),
	"nested links":         nested("[a", "](b)"),
	"nested images":        nested("![a", "](b)"),
	"open images":          repeated("!["),
	"links":                repeated("[a](b)"),
	"links in paragraphs":  repeated("[a](b \"c\")\n\n"),
	"open links, lines":    repeated("[a](\n"),
	"open links, blocks":   repeated(strings.Repeat("[a](", 400) + "\n\n"),
	"stars":                repeated("*"),
	"open stars":           repeated("*a "),
	"mixed stars":          repeated("*a**b "),
	"mixed marks":          after("a", "**a *b_"),
	"mixed marks, blocks":  repeated(strings.Repeat("**a *b_", 150) + "\n\n"),
	"nested emphasis":      nested("*a ", " b*"),
	"tildes":               repeated("~~a "),
	"backquotes":           repeated("`"),
	"longer backquotes":    runs("`"),
	"fences":               repeated("```\n"),
	"open tags":            repeated("<a "),
	"angles":               repeated("<"),
	"comments":             after("a", "<!--"),
	"instructions":         after("a", "<?"),
	"cdata":                after("a", "<![CDATA["),
	"comment lines":        repeated("a <!--\n"),
	"html blocks":          repeated("<div>\n\n"),
	"wide table":           wideTable,
	"table of nothing":     emptyTable,
	"tables of nothing":    func(n int) string { return strings.Repeat(emptyTable(4000)+"\n", n/4000) },
	"long table":           after("|a|b|\n|-|-|\n", "|b|c|\n"),
	"table header lines":   repeated("a|b\n"),
	"escaped bars":         after("|a|\n|-|\n", "|`\\|`|\n"),
	"tables":               repeated("|a|\n|-|\n\n"),
	"bars":                 repeated("|"),
	"definitions":          numbered("[r%d]: /x\n"),
	"definitions apart":    numbered("[r%d]: /x\n\n"),
	"empty definitions":    repeated("[x]: \n"),
	"open definitions":     repeated("[x]: <a\n\n"),
	"long definition":      longReference,
	"long title":           longTitle,
	"footnotes":            numbered("[^%d]: x\n"),
	"footnotes used":       numbered("a[^%[1]d]\n\n[^%[1]d]: x\n\n"),
	"footnote used":        after("[^1]: x\n\n", "[^1]"),
	"footnotes in one":     repeated("[^a]: "),
	"open footnotes":       repeated("[^"),
	"bare addresses":       repeated("http://a.b "),
	"bare starts":          repeated("http:"),
	"bare hosts":           repeated("www."),
	"bare mail":            repeated("a@"),
	"bare mail dots":       repeated("a.b@c."),
	"bare parentheses":     after("http://a.b", "("),
	"bare entities":        after("http://a.b", "&a;"),
	"entities":             repeated("&amp;"),
	"open entities":        repeated("&amp"),
	"headings":             repeated("# a\n"),
	"setext":               repeated("a\n"),
	"lines":                repeated("a b\n"),
	"indented":             repeated("    "),
	"tabs":                 repeated("\t"),
	"backslashes":          repeated("\\"),
	"NULs":                 repeated("\x00"),
	"invalid UTF-8":        repeated("\xff"),
	"tasks":                repeated("- [ ] a\n"),
	"quotation marks":      repeated("\""),
	"names of one heading": numbered("# a\n# a-%d\n"),
}

func repeated(s string) func(int) string { return after("", s) }

func after(head, s string) func(int) string {
	return func(n int) string { return head + strings.Repeat(s, (n-len(head))/len(s)) }
}

func nested(open, shut string) func(int) string {
	return func(n int) string {
		k := n / (len(open) + len(shut))
		return strings.Repeat(open, k) + strings.Repeat(shut, k)
	}
}

func numbered(format string) func(int) string {
	return func(n int) string {
		var b strings.Builder
		for i := 0; ; i++ {
			line := fmt.Sprintf(format, i)
			if b.Len()+len(line) > n {
				return b.String()
			}
			b.WriteString(line)
		}
	}
}

func runs(s string) func(int) string {
	return func(n int) string {
		var b strings.Builder
		for i := 1; b.Len()+i+2 <= n; i++ {
			b.WriteString(strings.Repeat(s, i) + "a ")
		}
		return b.String()
	}
}

func steps(n int) string {
	var b strings.Builder
	for i := 0; b.Len()+2*i+4 <= n; i++ {
		b.WriteString(strings.Repeat(" ", 2*i) + "- a\n")
	}
	return b.String()
}

func wideTable(n int) string {
	k := n/6 - 1
	return strings.Repeat("|a", k) + "|\n" + strings.Repeat("|-", k) + "|\n" + strings.Repeat("|b", k) + "|\n"
}

func emptyTable(n int) string {
	k := n / 20
	return strings.Repeat("|a", k) + "|\n" + strings.Repeat("|-", k) + "|\n" + strings.Repeat("|b\n", (n-4*k-4)/3)
}

func longReference(n int) string {
	return "[x]: /" + strings.Repeat("a", 2000) + "\n\n" + strings.Repeat("[x]\n\n", (n-2010)/5)
}

func longTitle(n int) string {
	return "[x]: /a \"" + strings.Repeat("a", n/2) + "\"\n\n" + strings.Repeat("[x]\n\n", n/2/5-4)
}

// The limit is many times what the slowest takes; without bounds most take minutes.
// Half the longest source is enough to tell. That these pages are safe too, FuzzRender checks on shorter ones.
func TestHostileSourcesAreRenderedInBoundedTime(t *testing.T) {
	const limit = 30 * time.Second
	for name, write := range hostile {
		t.Run(name, func(t *testing.T) {
			source := write(maxSource / 2)
			if len(source) > maxSource/2 {
				t.Fatalf("source of %d bytes", len(source))
			}
			start := time.Now()
			d := Render(source, Context{})
			took := time.Since(start)
			t.Logf("%8.1f ms, HTML %5.1f times the source, notice %q",
				float64(took.Microseconds())/1000, float64(len(d.HTML))/float64(len(source)), d.Notice)
			if took > limit {
				t.Errorf("took %v", took)
			}
			if len(d.HTML) > maxGrowth*len(source)+freeGrowth {
				t.Errorf("%d bytes of source became %d bytes of HTML", len(source), len(d.HTML))
			}
		})
	}
}
