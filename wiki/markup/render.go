package markup

import (
	"bytes"
	"regexp"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// safeHTML renders what goldmark's renderer would do otherwise: links and images, whose
// addresses are final here, and raw HTML, which is shown as text.
type safeHTML struct{}

// RegisterFuncs tells goldmark which nodes safeHTML renders.
func (safeHTML) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindLink, renderLink)
	r.Register(ast.KindImage, renderImage)
	r.Register(ast.KindRawHTML, renderRawHTML)
	r.Register(ast.KindHTMLBlock, renderHTMLBlock)
}

func renderLink(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		_, _ = w.WriteString("</a>")
		return ast.WalkContinue, nil
	}
	link := n.(*ast.Link)
	_, _ = w.WriteString(`<a href="`)
	_, _ = w.Write(util.EscapeHTML(link.Destination))
	_ = w.WriteByte('"')
	writeTitle(w, link.Title)
	html.RenderAttributes(w, n, html.LinkAttributeFilter)
	_ = w.WriteByte('>')
	return ast.WalkContinue, nil
}

func renderImage(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	image := n.(*ast.Image)
	_, _ = w.WriteString(`<img src="`)
	_, _ = w.Write(util.EscapeHTML(image.Destination))
	_, _ = w.WriteString(`" alt="`)
	_, _ = w.WriteString(escape(wordsOf(n, src)))
	_ = w.WriteByte('"')
	writeTitle(w, image.Title)
	_, _ = w.WriteString(` loading="lazy">`)
	return ast.WalkSkipChildren, nil
}

func writeTitle(w util.BufWriter, title []byte) {
	if title == nil {
		return
	}
	_, _ = w.WriteString(` title="`)
	html.DefaultWriter.Write(w, title)
	_ = w.WriteByte('"')
}

// lineBreak is the one tag let through: tables in Markdown have no other line break.
var lineBreak = regexp.MustCompile(`^<(?i:br) */?>$`)

func renderRawHTML(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	raw := linesOf(n.(*ast.RawHTML).Segments, src)
	switch {
	case lineBreak.Match(raw):
		_, _ = w.WriteString("<br>")
	case !isComment(raw):
		html.DefaultWriter.RawWrite(w, raw)
	}
	return ast.WalkSkipChildren, nil
}

func renderHTMLBlock(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	block := n.(*ast.HTMLBlock)
	raw := linesOf(block.Lines(), src)
	if block.HasClosure() {
		raw = append(raw, block.ClosureLine.Value(src)...)
	}
	if raw = bytes.TrimRight(raw, "\n"); !isComment(raw) {
		_, _ = w.WriteString("<pre><code class=\"language-html\">")
		html.DefaultWriter.RawWrite(w, raw)
		_, _ = w.WriteString("\n</code></pre>\n")
	}
	return ast.WalkContinue, nil
}
