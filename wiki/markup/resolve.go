package markup

import (
	"path"
	"strings"

	"github.com/yuin/goldmark/ast"
	extension "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"
)

// resolve replaces every link in the tree by where it leads.
func (p *page) resolve(root ast.Node) {
	var outer *ast.Link // the link that the walk is in
	var links []ast.Node
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if n == ast.Node(outer) {
			outer = nil
			return ast.WalkContinue, nil
		}
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link:
			outer = n
			links = append(links, n)
		case *ast.AutoLink:
			n.SetAttribute(nestedName, outer != nil)
			links = append(links, n)
		case *ast.Image:
			links = append(links, n)
		case *extension.FootnoteLink:
			if outer != nil {
				outer.SetAttribute(nestedName, true)
			}
		case *ast.Paragraph, *ast.ListItem, *ast.Blockquote, *ast.Heading, *extension.TableCell:
			n.SetAttribute(dirName, dirAuto)
		}
		return ast.WalkContinue, nil
	})
	for _, n := range links { // now, since a tree must not change under a walk
		p.resolveOne(n)
	}
}

var (
	// dir="auto" lets each block run in the direction of its own first letter, so that
	// Arabic and English pages, and pages with both, read properly.
	dirName, dirAuto = []byte("dir"), []byte("auto")

	className, classPage, classWanted = []byte("class"), []byte("page"), []byte("wanted")

	// Links out of the wiki earn their targets nothing in search engines, or spammers
	// would come for that.
	relName, relExternal = []byte("rel"), []byte("nofollow noopener ugc")

	// nestedName marks links that would be inside another link or hold another, which
	// HTML cannot express: they become their words. The renderer leaves it out.
	nestedName = []byte("nested")
)

func isNested(n ast.Node) bool {
	value, _ := n.Attribute(nestedName)
	is, _ := value.(bool)
	return is
}

func (p *page) resolveOne(n ast.Node) {
	switch n := n.(type) {
	case *ast.Link:
		p.link(n, p.followLink(n))
	case *ast.Image:
		p.image(n, p.followImage(n))
	case *ast.AutoLink:
		p.autoLink(n)
	}
}

func (p *page) followLink(n *ast.Link) target {
	if isNested(n) || !p.mayBorrow(n.Reference, n.Destination, n.Title) {
		return target{}
	}
	if to, is := n.Attribute(wikiName); is {
		return p.followWikiLink(to.(wikiLink))
	}
	return p.follow(resolved(n.Destination))
}

// followImage leads to a file wherever a link would lead to a page of this wiki.
func (p *page) followImage(n *ast.Image) target {
	if !p.mayBorrow(n.Reference, n.Destination, n.Title) {
		return target{}
	}
	return p.followFile(resolved(n.Destination))
}

// mayBorrow limits references. [x] takes its address and title from one place in the
// source to many places in the page; without a limit a short source makes a huge page.
func (p *page) mayBorrow(reference *ast.ReferenceLink, destination, title []byte) bool {
	if reference != nil {
		p.borrowed -= len(destination) + len(title)
	}
	return p.borrowed >= 0
}

func (p *page) followWikiLink(n wikiLink) target {
	if n.name == "" {
		return target{kind: local, href: p.fragment(n.fragment)}
	}
	folder := ""
	if strings.HasPrefix(n.name, "./") || strings.HasPrefix(n.name, "../") {
		folder = path.Dir(p.context.Page)
	}
	name := join(folder, n.name)
	if name == "" {
		return target{kind: local, href: "/"}
	}
	return target{kind: toPage, href: PagePath(name) + fragmentOf(n.fragment), name: name}
}

// link sets a link's attributes, or takes the link away and leaves its words.
func (p *page) link(n *ast.Link, t target) {
	n.Destination = []byte(t.href)
	switch t.kind {
	case refused:
		unwrap(n)
	case external:
		n.SetAttribute(relName, relExternal)
	case toFile:
		p.files[t.name] = struct{}{}
	case toPage:
		p.links[t.name] = p.exists(t.name)
		if p.links[t.name] {
			n.SetAttribute(className, classPage)
			return
		}
		n.SetAttribute(className, classWanted)
		n.Parent().InsertAfter(n.Parent(), n, words("?"))
	}
}

func (p *page) image(n *ast.Image, t target) {
	n.Destination = []byte(t.href)
	switch t.kind {
	case refused:
		unwrap(n)
	case toFile:
		p.files[t.name] = struct{}{}
	}
}

func (p *page) autoLink(n *ast.AutoLink) {
	address := string(n.URL(p.src))
	if n.AutoLinkType == ast.AutoLinkEmail {
		address = "mailto:" + strings.TrimPrefix(address, "mailto:")
	}
	t := p.follow(address)
	switch {
	case t.kind == refused, isNested(n):
		n.Parent().ReplaceChild(n.Parent(), n, words(string(n.Label(p.src))))
	case t.kind == external:
		n.SetAttribute(relName, relExternal)
	}
}

// resolved undoes backslash escapes and entities in an address.
func resolved(address []byte) string {
	address = util.UnescapePunctuations(address)
	return string(util.ResolveEntityNames(util.ResolveNumericReferences(address)))
}

// unwrap puts a node's children in its place.
func unwrap(n ast.Node) {
	parent := n.Parent()
	for c := n.FirstChild(); c != nil; c = n.FirstChild() {
		n.RemoveChild(n, c)
		parent.InsertBefore(parent, n, c)
	}
	parent.RemoveChild(parent, n)
}
