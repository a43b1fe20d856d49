package markup

import (
	"net/url"
	"strings"

	"github.com/yuin/goldmark/util"
)

// suffix is the query and fragment of a link to another page.
func (p *page) suffix(rest string) string {
	query, fragment, found := strings.Cut(rest, "#")
	if !found {
		return escapeURL(query)
	}
	return escapeURL(query) + fragmentOf(fragment)
}

// fragment leads to a place in this page, where one can look what there is.
func (p *page) fragment(fragment string) string {
	id := unescape(fragment)
	for _, candidate := range []string{IDPrefix + slug(id), id} {
		if _, taken := p.ids.taken[candidate]; taken {
			return "#" + url.PathEscape(candidate)
		}
	}
	if id == "" {
		return "#"
	}
	return fragmentOf(fragment)
}

// fragmentOf accepts what people write after '#': the heading's words, GitHub's form of
// them, or our own id copied from the address bar.
func fragmentOf(fragment string) string {
	fragment = unescape(fragment)
	switch {
	case fragment == "":
		return ""
	case strings.HasPrefix(fragment, IDPrefix):
		return "#" + url.PathEscape(fragment)
	}
	return "#" + url.PathEscape(IDPrefix+slug(fragment))
}

// splitPath cuts an address before its query or fragment.
func splitPath(address string) (route, rest string) {
	if i := strings.IndexAny(address, "?#"); i >= 0 {
		return address[:i], address[i:]
	}
	return address, ""
}

// join follows route from folder. It never climbs above the top.
func join(folder, route string) string {
	var parts []string
	for _, part := range strings.Split(folder+"/"+route, "/") {
		switch part {
		case "", ".":
		case "..":
			parts = parts[:max(0, len(parts)-1)]
		default:
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "/")
}

// unescape resolves %XX; what is no valid escape, as in a page called %, means itself.
func unescape(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return strings.ToValidUTF8(u, "\ufffd")
	}
	return s
}

// escapeURL escapes what has no place in an address and keeps what is escaped already.
func escapeURL(address string) string {
	return string(util.URLEscape([]byte(address), false))
}

func escape(s string) string {
	return string(util.EscapeHTML([]byte(s)))
}
