package markup

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// longestName is more than any page may be called, in bytes.
const longestName = 1000

// wikiLink is what [[Name#Fragment|label]] says besides its label. It travels to resolve
// as an attribute of an ordinary link node, which goldmark knows not to put into another
// link; the renderer leaves the attribute out.
type wikiLink struct{ name, fragment string }

var wikiName = []byte("wiki")

// wikiLinkParser recognises wiki links before CommonMark's link parser sees them.
type wikiLinkParser struct{}

func (wikiLinkParser) Trigger() []byte { return []byte{'['} }

// Parse returns nil, having read nothing, where there is no wiki link.
func (wikiLinkParser) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, _ := block.PeekLine()
	inner, length := betweenBrackets(line)
	if inner == nil || belongsToCommonMark(inner, line[length:], pc) {
		return nil
	}
	to, label, ok := parseWikiLink(string(inner))
	if !ok {
		return nil
	}
	block.Advance(length)
	link := ast.NewLink()
	link.SetAttribute(wikiName, to)
	link.AppendChild(link, words(label))
	return link
}

// betweenBrackets returns what stands between the [[ that opens line and the next ]],
// if no other bracket comes between, and the length with both.
func betweenBrackets(line []byte) (inner []byte, length int) {
	if !bytes.HasPrefix(line, []byte("[[")) {
		return nil, 0
	}
	end := bytes.IndexAny(line[2:], "[]\n")
	if end <= 0 || !bytes.HasPrefix(line[2+end:], []byte("]]")) {
		return nil, 0
	}
	return line[2 : 2+end], end + 4
}

// belongsToCommonMark says whether the brackets have a meaning there: an address
// follows, or the page defines the inner part.
func belongsToCommonMark(inner, rest []byte, pc parser.Context) bool {
	if len(rest) > 0 && rest[0] == '(' {
		return true
	}
	_, defined := pc.Reference(util.ToLinkReference(inner))
	return defined
}

// parseWikiLink reads Name#Fragment|label. In a table the bar is written \|.
func parseWikiLink(inner string) (to wikiLink, label string, ok bool) {
	address, label, labelled := strings.Cut(inner, "|")
	if labelled {
		address = strings.TrimSuffix(address, `\`)
	}
	address, label = strings.TrimSpace(address), strings.TrimSpace(label)
	if label == "" {
		label = address
	}
	name, fragment, _ := strings.Cut(address, "#")
	to = wikiLink{strings.TrimSpace(name), strings.TrimSpace(fragment)}
	if to == (wikiLink{}) || len(to.name) > longestName || strings.ContainsFunc(address, unicode.IsControl) {
		return wikiLink{}, "", false
	}
	return to, label, true
}

// words is a node of plain text, shown as it is.
func words(s string) ast.Node {
	n := ast.NewString([]byte(s))
	n.SetRaw(true)
	return n
}
