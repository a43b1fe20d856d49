// Package markup turns the text of a wiki page into HTML that is safe to show.
//
// The language is CommonMark with GitHub's tables, strikethrough, task lists and bare
// addresses, with footnotes, and with links between pages:
//
//	[[Name]]  [[ns/Name]]  [[Name|label]]  [[Name#section]]  [[#section]]  [[../Name]]
//
// A name in double brackets is a full name, unless it begins with ./ or ../. It cannot
// contain [ ] | or #; pages with such names are linked by address, as in
// [x](/wiki/common/%5B%5B). Double brackets that are not such a link stay as they are
// typed. Where CommonMark has a meaning for them, because the page defines [Name]: or
// an address follows, as in [[1]](/notes), that meaning stands.
//
// Ordinary links work as in a folder of Markdown files: in the page common/tar,
// (gzip.md), (./gzip.md#usage) and (gzip) lead to the page common/gzip, (../linux/apt.md)
// to linux/apt, and (pic.png) to the attachment common/pic.png. A path that climbs out
// of the wiki stays at its top. Addresses that begin with / are left alone.
//
// What it promises about any input at all:
//
//   - The HTML has no script, no event handler, no style and no address but the kinds
//     listed in address.go. HTML in the source is shown as the text it is.
//   - Every id begins with IDPrefix, so a page cannot pose as a part of its frame.
//   - Time and size are bounded (see bound.go). What is too much to format is shown as
//     plain text, with a sentence that says so.
//
// Render is a pure function of the source, Context.Page and the answers of
// Context.Exists for the names in Document.Links and Document.Files (node.js may be a
// page or a file): a cache needs no more than these.
package markup

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// Context is what a page's meaning depends on besides its text.
type Context struct {
	// Page is the full name of the page, from which relative links are followed.
	Page string
	// Exists says whether a page of that full name exists; it is asked at most once
	// per name. Nil stands for a wiki in which every page exists.
	Exists func(name string) bool
}

// Document is a page ready to be shown and indexed.
type Document struct {
	HTML string
	// Title is the text of the first heading of level 1, "" if there is none.
	Title string
	// Headings, in order, make the page's list of contents.
	Headings []Heading
	// Links are the full names of the pages linked to, sorted, each once; Wanted are
	// those of them that do not exist.
	Links, Wanted []string
	// Files are the full names of the attachments shown or linked to, sorted, each once.
	Files []string
	// Plain is the text without markup, a line for each block: for search and extracts.
	Plain string
	// Notice is empty unless the page was too much to format. Then it is the sentence
	// that HTML opens with, and the lists above are empty.
	Notice string
}

// Heading is one entry of a list of contents.
type Heading struct {
	Level int    // 1 to 6
	ID    string // what a link to it writes after '#'
	Text  string // plain, not HTML
}

// Render makes a page of source. It is safe to call from several goroutines, does not
// fail, and takes any bytes; those that are not UTF-8 show as U+FFFD.
func Render(source string, c Context) Document {
	source = clean(source)
	if len(source) > maxSource {
		return unformatted(source, "This page is shown as plain text because it is too long to format.")
	}
	src := []byte(source)
	root := engine.Parser().Parse(text.NewReader(src), parser.WithContext(parser.NewContext()))
	p := newPage(src, c)
	p.outline(root)
	p.resolve(root)

	out := limitedWriter{room: maxGrowth*len(src) + freeGrowth}
	if err := engine.Renderer().Render(&out, src, root); errors.Is(err, errNoRoom) {
		return unformatted(source, "This page is shown as plain text because formatting would make it far too long.")
	}
	return Document{
		HTML:     out.buf.String(),
		Title:    p.title,
		Headings: p.headings,
		Links:    slices.Sorted(maps.Keys(p.links)),
		Wanted:   p.wanted(),
		Files:    slices.Sorted(maps.Keys(p.files)),
		Plain:    p.plain,
	}
}

// clean brings all line ends to '\n', drops a byte order mark and makes the bytes UTF-8.
func clean(source string) string {
	source = strings.TrimPrefix(source, "\ufeff")
	source = strings.ToValidUTF8(source, "\ufffd")
	if strings.Contains(source, "\r") {
		source = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(source)
	}
	return source
}

func unformatted(source, notice string) Document {
	var b bytes.Buffer
	b.WriteString("<p class=\"notice\">" + escape(notice) + "</p>\n<pre dir=\"auto\">")
	b.WriteString(escape(strings.ReplaceAll(source, "\x00", "\ufffd")))
	b.WriteString("</pre>\n")
	return Document{HTML: b.String(), Plain: source, Notice: notice}
}
