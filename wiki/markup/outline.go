package markup

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	extension "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// outline gives the headings their ids and collects title, contents and plain text. It
// runs before links are resolved, so that no mark of a wanted page gets into a heading.
func (p *page) outline(root ast.Node) {
	var plain strings.Builder
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering || n.Type() != ast.TypeBlock {
			return ast.WalkContinue, nil
		}
		words := wordsOf(n, p.src)
		if words != "" {
			plain.WriteString(words)
			plain.WriteByte('\n')
		}
		if h, is := n.(*ast.Heading); is {
			p.heading(h, words)
		}
		return ast.WalkContinue, nil
	})
	p.plain = plain.String()
}

func (p *page) heading(h *ast.Heading, words string) {
	id := p.ids.of(words)
	h.SetAttributeString("id", []byte(id))
	p.headings = append(p.headings, Heading{Level: h.Level, ID: id, Text: words})
	if p.title == "" && h.Level == 1 {
		p.title = words
	}
}

// wordsOf returns the text directly in a block: of its inlines, or of its code lines.
// Raw HTML has none.
func wordsOf(block ast.Node, src []byte) string {
	var b strings.Builder
	switch block.Kind() {
	case ast.KindCodeBlock, ast.KindFencedCodeBlock:
		b.Write(linesOf(block.Lines(), src))
	default:
		for c := block.FirstChild(); c != nil; c = c.NextSibling() {
			if c.Type() == ast.TypeInline {
				inlineWords(&b, c, src)
			}
		}
	}
	return strings.TrimSpace(b.String())
}

func inlineWords(b *strings.Builder, n ast.Node, src []byte) {
	switch n := n.(type) {
	case *ast.Text:
		if n.IsRaw() || n.Parent().Kind() == ast.KindCodeSpan {
			b.Write(n.Value(src))
		} else {
			b.WriteString(resolved(n.Value(src)))
		}
		if n.SoftLineBreak() || n.HardLineBreak() {
			b.WriteByte(' ')
		}
	case *ast.String:
		b.Write(n.Value)
	case *ast.AutoLink:
		b.Write(n.Label(src))
	case *ast.RawHTML, *extension.FootnoteLink, *extension.FootnoteBacklink:
	default:
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			inlineWords(b, c, src)
		}
	}
}

func linesOf(lines *text.Segments, src []byte) []byte {
	var out []byte
	for i := range lines.Len() {
		line := lines.At(i)
		out = append(out, line.Value(src)...)
	}
	return out
}

// isComment says whether raw HTML is nothing but a comment.
func isComment(html []byte) bool {
	s := strings.TrimSpace(util.BytesToReadOnlyString(html))
	end := strings.Index(s, "-->")
	return strings.HasPrefix(s, "<!--") && end == len(s)-len("-->")
}
