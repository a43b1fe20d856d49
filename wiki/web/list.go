package web

import (
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/argss/argss/wiki"
)

const (
	recentLimit = 50   // changes on one page
	recentScan  = 2000 // revisions looked through for them
	pagesLimit  = 200  // names on one page
	systemSpace = "System/"
)

// recent answers GET /recent: the latest revisions as this box took them,
// without the pages the boxes write themselves unless asked for.
func (s *Site) recent(w http.ResponseWriter, r *http.Request, _ string) error {
	before, err := s.before(r)
	if err != nil {
		return err
	}
	system := r.URL.Query().Get("system")
	v := recentView{System: system != "", Toggle: "/recent?system=yes"}
	if v.System {
		v.Toggle = "/recent"
	}
	shown, last, more := s.scan(before, v.System)
	for _, e := range shown {
		v.add(s.changeView(e))
	}
	if more {
		v.Older = string(address("recent", "", "before", last.ID.String(), "system", system))
	}
	s.show(w, r, http.StatusOK, s.sheet(r, "recent", "", "Recent changes"), recentPage(v))
	return nil
}

// scan returns the changes to show, and where to go on.
func (s *Site) scan(before wiki.Seq, system bool) (shown []wiki.Entry, last wiki.Entry, more bool) {
	for scanned := 0; scanned < recentScan; {
		entries := s.Pages.Store.Before(before, recentLimit)
		for _, e := range entries {
			if len(shown) == recentLimit {
				return shown, last, true
			}
			last, before = e, e.Seq
			scanned++
			if system || !strings.HasPrefix(e.Header.Page, systemSpace) {
				shown = append(shown, e)
			}
		}
		if len(entries) < recentLimit || before <= 1 {
			return shown, last, false
		}
	}
	return shown, last, true
}

// add puts a change under its day. Changes stand in the order this box took
// them, so a day can come up again where boxes caught up.
func (v *recentView) add(c changeView) {
	date := c.Time.Truncate(24 * 60 * 60 * 1e9)
	if n := len(v.Days); n == 0 || !v.Days[n-1].Date.Equal(date) {
		v.Days = append(v.Days, day{Date: date})
	}
	d := &v.Days[len(v.Days)-1]
	d.Changes = append(d.Changes, c)
}

// pages answers GET /pages: the names below a prefix, folded at the next
// slash, so that a namespace is one entry.
func (s *Site) pages(w http.ResponseWriter, r *http.Request, _ string) error {
	query := r.URL.Query()
	prefix, after := strings.TrimLeft(query.Get("prefix"), " "), query.Get("after")
	if !utf8.ValidString(prefix) || !utf8.ValidString(after) || len(prefix) > wiki.MaxName || strings.ContainsFunc(prefix+after, unicode.IsControl) {
		return refuse(http.StatusBadRequest, "prefix", "No page’s name can begin with that.")
	}
	v := pagesView{Prefix: prefix, After: after != "", Up: namespaces(prefix)}
	items, next := s.list(prefix, after)
	if other := otherCase(prefix); len(items) == 0 && after == "" && other != prefix {
		if items, next = s.list(other, ""); len(items) > 0 {
			v.Prefix, v.Up = other, namespaces(other)
		}
	}
	v.Items = items
	if next != "" {
		v.More = string(address("pages", "", "prefix", v.Prefix, "after", next))
	}
	if wiki.CheckName(prefix) == nil && !s.exists(prefix) {
		v.Create = string(address("edit", prefix))
	}
	s.show(w, r, http.StatusOK, s.sheet(r, "pages", "", "Pages"), pagesPage(v))
	return nil
}

// beyond follows every name of a namespace in byte order: no UTF-8 has it.
const beyond = "\xff"

// list returns up to pagesLimit entries after a name, and the name the next
// stretch starts after, "" at the end.
func (s *Site) list(prefix, after string) (items []listed, next string) {
	skip := after
	if strings.HasSuffix(after, "/") {
		skip += beyond
	}
	for {
		names := s.Pages.Store.Pages(prefix, skip, pagesLimit+1)
		for _, name := range names {
			if name <= skip {
				continue // inside the namespace just listed
			}
			if len(items) == pagesLimit {
				return items, items[pagesLimit-1].Name
			}
			item := listedAs(prefix, name)
			items = append(items, item)
			if skip = name; item.Folder {
				skip = item.Name + beyond
			}
		}
		if len(names) <= pagesLimit {
			return items, ""
		}
	}
}

// listedAs folds a name at the first slash behind the prefix.
func listedAs(prefix, name string) listed {
	if i := strings.IndexByte(name[len(prefix):], '/'); i >= 0 {
		folder := name[:len(prefix)+i+1]
		return listed{Name: folder, Folder: true, Address: string(address("pages", "", "prefix", folder))}
	}
	return listed{Name: name, Address: string(address("wiki", name))}
}

// otherCase turns the first letter of a prefix's last segment: people type
// "home" for "Home".
func otherCase(prefix string) string {
	at := strings.LastIndexByte(prefix, '/') + 1
	first, size := utf8.DecodeRuneInString(prefix[at:])
	turned := unicode.ToUpper(first)
	if unicode.IsUpper(first) {
		turned = unicode.ToLower(first)
	}
	if size == 0 {
		return prefix
	}
	return prefix[:at] + string(turned) + prefix[at+size:]
}
