package markup

import (
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// engine is goldmark as all pages use it. It keeps no state between pages.
var engine = goldmark.New(
	goldmark.WithParser(newParser(commonMark(), gitHub())),
	goldmark.WithRenderer(newRenderer()),
)

// dialect is one set of parsers with their priorities (lower is asked first).
type dialect struct {
	blocks, inlines, paragraphs, trees []util.PrioritizedValue
}

func newParser(dialects ...dialect) parser.Parser {
	var options []parser.Option
	for _, d := range dialects {
		options = append(options,
			parser.WithBlockParsers(d.blocks...),
			parser.WithInlineParsers(d.inlines...),
			parser.WithParagraphTransformers(d.paragraphs...),
			parser.WithASTTransformers(d.trees...))
	}
	return parser.NewParser(options...)
}

// commonMark is goldmark's own set, its costly parsers bounded, with wiki links.
func commonMark() dialect {
	return dialect{
		blocks: []util.PrioritizedValue{
			util.Prioritized(parser.NewSetextHeadingParser(), 100),
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(shallow{parser.NewListParser()}, 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(parser.NewATXHeadingParser(), 600),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(shallow{parser.NewBlockquoteParser()}, 800),
			util.Prioritized(parser.NewHTMLBlockParser(), 900),
			util.Prioritized(parser.NewParagraphParser(), 1000),
		},
		inlines: []util.PrioritizedValue{
			util.Prioritized(parser.NewCodeSpanParser(), 100),
			util.Prioritized(wikiLinkParser{}, 150),
			util.Prioritized(sparing(parser.NewLinkParser(), openBracket), 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(parser.NewRawHTMLParser(), 400),
			util.Prioritized(sparing(parser.NewEmphasisParser(), anyMark), 500),
		},
		paragraphs: []util.PrioritizedValue{
			util.Prioritized(fewDefinitions{parser.LinkReferenceParagraphTransformer}, 100),
		},
	}
}

// gitHub is what GitHub adds to CommonMark, and footnotes.
func gitHub() dialect {
	return dialect{
		blocks: []util.PrioritizedValue{
			util.Prioritized(fewFootnotes{extension.NewFootnoteBlockParser()}, 999),
		},
		inlines: []util.PrioritizedValue{
			util.Prioritized(extension.NewTaskCheckBoxParser(), 0),
			util.Prioritized(sparing(extension.NewFootnoteParser(), openFootnote), 101),
			util.Prioritized(sparing(extension.NewStrikethroughParser(), anyMark), 500),
			util.Prioritized(extension.NewLinkifyParser(), 999),
		},
		paragraphs: []util.PrioritizedValue{
			util.Prioritized(fullTables{extension.NewTableParagraphTransformer()}, 200),
		},
		trees: []util.PrioritizedValue{
			util.Prioritized(extension.NewTableASTTransformer(), 0),
			util.Prioritized(extension.NewFootnoteASTTransformer(), 999),
		},
	}
}

// newRenderer puts our few renderers in front of goldmark's, which is safe by default.
// Columns are aligned by attribute, since a strict page policy forbids inline style.
func newRenderer() renderer.Renderer {
	byAttribute := extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)
	return renderer.NewRenderer(renderer.WithNodeRenderers(
		util.Prioritized(safeHTML{}, 100),
		util.Prioritized(extension.NewTableHTMLRenderer(byAttribute), 500),
		util.Prioritized(extension.NewStrikethroughHTMLRenderer(), 500),
		util.Prioritized(extension.NewTaskCheckBoxHTMLRenderer(), 500),
		util.Prioritized(extension.NewFootnoteHTMLRenderer(extension.WithFootnoteIDPrefix(IDPrefix)), 500),
		util.Prioritized(html.NewRenderer(), 1000),
	))
}
