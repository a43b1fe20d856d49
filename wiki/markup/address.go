package markup

import (
	"net/url"
	"path"
	"regexp"
	"strings"
	"unicode"
)

// IDPrefix begins every id in a page's HTML.
const IDPrefix = "h-"

const (
	pagePrefix = "/wiki/"
	filePrefix = "/files/"
	longest    = 2048 // bytes of an address that becomes a link; no server takes much more
)

// PagePath returns the address of a page: /wiki/ and its full name, each part between
// slashes escaped. It must agree with the routes of the web server.
func PagePath(name string) string { return pagePrefix + escapeName(name) }

// FilePath returns the address of an attachment in the same way, below /files/.
func FilePath(name string) string { return filePrefix + escapeName(name) }

func escapeName(name string) string {
	parts := strings.Split(name, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}

// schemes are the kinds of address a page may link to; the value says whether it leads
// to somebody else's pages. A list of what is allowed cannot be tricked by a spelling of
// what is not: javascript:, data:, vbscript:, file: and all that browsers may add later.
var schemes = map[string]bool{
	"http": true, "https": true, "ftp": true, "ftps": true, "gopher": true, "gemini": true,
	"mailto": false, "tel": false, "sms": false, "sip": false, "xmpp": false, "irc": false,
	"ircs": false, "matrix": false, "geo": false, "news": false, "nntp": false,
	"sftp": false, "ssh": false, "git": false, "magnet": false, "webcal": false,
}

var schemePattern = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*):`)

// kind says what an address in a page leads to.
type kind uint8

const (
	refused  kind = iota // nothing: its text is shown without a link
	local                // somewhere on this server, or another program
	external             // somebody else's pages
	toPage
	toFile
)

// target is an address made ready for an href or src attribute, still to be HTML-escaped.
type target struct {
	kind kind
	href string
	name string // of the page or file
}

// follow works out where the address of an ordinary link leads. Entities and backslash
// escapes are resolved already.
func (p *page) follow(address string) target {
	return p.followAs(address, p.pageOf)
}

// followFile is follow for an image: whatever its name, it is no page.
func (p *page) followFile(address string) target {
	return p.followAs(address, func(string) (string, bool) { return "", false })
}

func (p *page) followAs(address string, pageOf func(string) (string, bool)) target {
	address = strings.TrimSpace(address)
	if len(address) > longest || strings.ContainsFunc(address, unicode.IsControl) {
		return target{}
	}
	if strings.HasPrefix(address, "#") {
		return target{kind: local, href: p.fragment(address[1:])}
	}
	if m := schemePattern.FindStringSubmatch(address); m != nil {
		elsewhere, allowed := schemes[strings.ToLower(m[1])]
		switch {
		case !allowed:
			return target{}
		case elsewhere:
			return target{kind: external, href: escapeURL(address)}
		}
		return target{kind: local, href: escapeURL(address)}
	}
	switch {
	case address == "", strings.HasPrefix(address, "?"):
		return target{kind: local, href: escapeURL(address)}
	case strings.HasPrefix(address, "//"):
		return target{kind: external, href: escapeURL(address)}
	case strings.HasPrefix(address, "/"):
		return absolute(address)
	}
	return p.relative(address, pageOf)
}

// absolute leaves an address as it is but recognises pages and files in it.
func absolute(address string) target {
	t := target{kind: local, href: escapeURL(address)}
	route, _ := splitPath(address)
	if name := unescape(strings.TrimPrefix(route, pagePrefix)); name != "" && strings.HasPrefix(route, pagePrefix) {
		t.kind, t.name = toPage, name
	}
	if name := unescape(strings.TrimPrefix(route, filePrefix)); name != "" && strings.HasPrefix(route, filePrefix) {
		t.kind, t.name = toFile, name
	}
	return t
}

// relative follows an address from the page's own folder, as between files.
func (p *page) relative(address string, pageOf func(string) (string, bool)) target {
	route, rest := splitPath(address)
	name := join(path.Dir(p.context.Page), unescape(route))
	if strings.ContainsFunc(name, unicode.IsControl) {
		return target{}
	}
	if name == "" {
		return target{kind: local, href: "/"}
	}
	if page, is := pageOf(name); is {
		return target{kind: toPage, href: PagePath(page) + p.suffix(rest), name: page}
	}
	return target{kind: toFile, href: FilePath(name) + escapeURL(rest), name: name}
}

// pageOf tells pages from attachments by the name's ending: none or that of a Markdown
// file is a page; so is any other page name with a dot in it, such as node.js, if that
// page exists.
func (p *page) pageOf(name string) (string, bool) {
	ending := path.Ext(name)
	for _, markdown := range []string{".md", ".markdown", ".mdwn"} {
		if strings.EqualFold(ending, markdown) && path.Base(name) != ending {
			return strings.TrimSuffix(name, ending), true
		}
	}
	if !fileEnding.MatchString(ending) {
		return name, true
	}
	return name, p.context.Exists != nil && p.exists(name)
}

// fileEnding leaves out page names such as "Release 1.2" and "St. John".
var fileEnding = regexp.MustCompile(`^\.[A-Za-z][A-Za-z0-9]{0,7}$|^\.7z$`)
