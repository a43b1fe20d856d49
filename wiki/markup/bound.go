package markup

import (
	"bytes"
	"errors"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// The limits lie far beyond what people write. Each cuts off a way, found by trying, to
// keep goldmark busy for a time, or make it write a page, that grows with the square of
// the source. What is over a limit is shown as typed.
const (
	maxSource = 512 << 10 // bytes; formatting needs some 150 bytes of memory for each

	maxGrowth  = 25       // times the source that the HTML may be long
	freeGrowth = 64 << 10 // and so many bytes more

	maxDepth       = 100 // blocks inside each other; a list inside a list counts twice
	maxMarks       = 300 // beginnings of links, and of emphasis, in one block
	maxDefinitions = 500 // lines of [name]: address in one block
	maxFootnotes   = 300
	maxBars        = 500  // escaped bars in all tables
	freeCells      = 1000 // cells that a table's rows may leave out
)

// shallow keeps a parser of containers from opening one at a depth over maxDepth.
type shallow struct{ parser.BlockParser }

func (s shallow) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	depth := 0
	for n := parent; n != nil; n = n.Parent() {
		if depth++; depth > maxDepth {
			return nil, parser.NoChildren
		}
	}
	return s.BlockParser.Open(parent, reader, pc)
}

// sparer keeps an inline parser from starting more than maxMarks times in one block.
type sparer struct {
	parser.InlineParser
	begins func(line []byte) bool // whether the parser's mark is at the start of line
	count  parser.ContextKey      // holds *markCount
}

type markCount struct {
	block ast.Node
	marks int
}

func sparing(p parser.InlineParser, begins func(line []byte) bool) parser.InlineParser {
	return sparer{p, begins, parser.NewContextKey()}
}

func anyMark([]byte) bool { return true }

func openBracket(line []byte) bool {
	return line[0] == '[' || bytes.HasPrefix(line, []byte("!["))
}

func openFootnote(line []byte) bool {
	return bytes.HasPrefix(bytes.TrimPrefix(line, []byte("!")), []byte("[^"))
}

// Parse takes the rest of the line as text once the marks are spent. As one node: the
// link parser looks through all the nodes behind each bracket.
func (s sparer) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	if !s.begins(line) || !s.spent(parent, pc) {
		return s.InlineParser.Parse(parent, block, pc)
	}
	rest := len(bytes.TrimRight(line, " \n"))
	block.Advance(rest)
	return ast.NewTextSegment(segment.WithStop(segment.Start + rest))
}

func (s sparer) spent(block ast.Node, pc parser.Context) bool {
	count, _ := pc.Get(s.count).(*markCount)
	if count == nil || count.block != block {
		count = &markCount{block: block}
		pc.Set(s.count, count)
	}
	count.marks++
	return count.marks > maxMarks
}

// CloseBlock passes on the end of a block, which the link parser waits for.
func (s sparer) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	if closer, is := s.InlineParser.(parser.CloseBlocker); is {
		closer.CloseBlock(parent, block, pc)
	}
}

// fewDefinitions leaves paragraphs with too many lines that look like definitions alone.
type fewDefinitions struct{ parser.ParagraphTransformer }

func (f fewDefinitions) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines, definitions := node.Lines(), 0
	for i := range lines.Len() {
		line := lines.At(i)
		if bytes.HasPrefix(bytes.TrimLeft(line.Value(reader.Source()), " "), []byte("[")) {
			definitions++
		}
	}
	if definitions <= maxDefinitions {
		f.ParagraphTransformer.Transform(node, reader, pc)
	}
}

// fewFootnotes stops defining footnotes after maxFootnotes.
type fewFootnotes struct{ parser.BlockParser }

var footnoteCount = parser.NewContextKey()

func (f fewFootnotes) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	count, _ := pc.Get(footnoteCount).(int)
	if count >= maxFootnotes {
		return nil, parser.NoChildren
	}
	node, state := shallow(f).Open(parent, reader, pc)
	if node != nil {
		pc.Set(footnoteCount, count+1)
	}
	return node, state
}

// fullTables makes no table of rows that leave most of their cells out, since goldmark
// fills those in: a thousand columns and a thousand rows of nothing are a million cells.
type fullTables struct{ parser.ParagraphTransformer }

var barCount = parser.NewContextKey()

func (f fullTables) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines := node.Lines()
	columns, length := 0, 0
	bars, _ := pc.Get(barCount).(int)
	for i := range lines.Len() {
		line := lines.At(i)
		value := line.Value(reader.Source())
		if len(bytes.Trim(value, "|:- \t\n")) == 0 {
			columns = max(columns, bytes.Count(value, []byte("|"))+1)
		}
		length += len(value)
		bars += bytes.Count(value, []byte(`\|`))
	}
	pc.Set(barCount, bars)
	if columns*lines.Len() <= length+freeCells && bars <= maxBars {
		f.ParagraphTransformer.Transform(node, reader, pc)
	}
}

// limitedWriter gathers a page's HTML until there is no room.
type limitedWriter struct {
	buf  bytes.Buffer
	room int
}

var errNoRoom = errors.New("page is too long")

func (w *limitedWriter) Write(b []byte) (int, error) {
	if w.buf.Len()+len(b) > w.room {
		return 0, errNoRoom
	}
	return w.buf.Write(b)
}
