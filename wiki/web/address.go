package web

import (
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/argss/argss/wiki"
)

// address returns the path of a page's area, with a query of pairs of name and
// value. Pairs with an empty value are left out.
func address(area, name string, query ...string) templ.SafeURL {
	path := "/" + area
	if name != "" {
		path += "/" + wiki.EscapeName(name)
	}
	var pairs []string
	for i := 0; i+1 < len(query); i += 2 {
		if query[i+1] != "" {
			pairs = append(pairs, query[i]+"="+url.QueryEscape(query[i+1]))
		}
	}
	if len(pairs) > 0 {
		path += "?" + strings.Join(pairs, "&")
	}
	return templ.SafeURL(path)
}

// split cuts an escaped path into its area and the escaped rest. named tells
// whether a slash follows the area.
func split(escapedPath string) (area, rest string, named bool) {
	return strings.Cut(strings.TrimPrefix(escapedPath, "/"), "/")
}
