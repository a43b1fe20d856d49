package web

import (
	"maps"
	"net/http"
	"strings"

	"github.com/argss/argss/wiki"
)

// Site answers the wiki's addresses. It is safe for concurrent use.
type Site struct {
	Config
	areas  map[string]area
	cache  *cache
	origin *http.CrossOriginProtection
}

// area is what one first segment of a path leads to.
type area struct {
	unnamed bool // no page name follows
	methods map[string]handler
}

// handler answers one request about a page. What it returns is a refusal.
type handler func(w http.ResponseWriter, r *http.Request, name string) error

// New returns the site of a wiki.
func New(c Config) *Site {
	if c.CacheBytes == 0 {
		c.CacheBytes = 16 << 20
	}
	s := &Site{Config: c, cache: newCache(c.CacheBytes), origin: http.NewCrossOriginProtection()}
	s.areas = map[string]area{
		"":            {unnamed: true, methods: map[string]handler{"GET": s.start}},
		"wiki":        {methods: map[string]handler{"GET": s.read}},
		"raw":         {methods: map[string]handler{"GET": s.getRaw, "PUT": s.putRaw, "DELETE": s.deleteRaw}},
		"files":       {methods: map[string]handler{"GET": s.getFile, "PUT": s.putFile}},
		"edit":        {methods: map[string]handler{"GET": s.edit, "POST": s.saveEdit}},
		"delete":      {methods: map[string]handler{"GET": s.askDelete, "POST": s.saveDelete}},
		"restore":     {methods: map[string]handler{"POST": s.restore}},
		"history":     {methods: map[string]handler{"GET": s.history}},
		"diff":        {methods: map[string]handler{"GET": s.diff}},
		"recent":      {unnamed: true, methods: map[string]handler{"GET": s.recent}},
		"pages":       {unnamed: true, methods: map[string]handler{"GET": s.pages}},
		"receipt":     {unnamed: true, methods: map[string]handler{"GET": s.getReceipt, "POST": s.checkReceipt}},
		"favicon.ico": {unnamed: true, methods: map[string]handler{"GET": icon}},
		"robots.txt":  {unnamed: true, methods: map[string]handler{"GET": robots}},
	}
	if s.Finder != nil {
		s.finding(s.areas)
	}
	return s
}

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	maps.Copy(w.Header(), sealed)
	first, rest, named := split(r.URL.EscapedPath())
	if first == "static" {
		if err := serveAsset(w, r, rest); err != nil {
			s.refuse(w, r, "", err)
		}
		return
	}
	a, known := s.areas[first]
	if !known || a.unnamed && named {
		s.refuse(w, r, "", noSuchAddress)
		return
	}
	name := ""
	if !a.unnamed {
		var err error
		if name, err = wiki.UnescapeName(rest); err != nil {
			s.refuse(w, r, "", err)
			return
		}
	}
	if err := s.answer(w, r, a, name); err != nil {
		s.refuse(w, r, name, err)
	}
}

func (s *Site) answer(w http.ResponseWriter, r *http.Request, a area, name string) error {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	handle, ok := a.methods[method]
	if !ok {
		w.Header().Set("Allow", a.allow())
		return refuse(http.StatusMethodNotAllowed, "method", "This address answers %s only.", a.allow())
	}
	if err := s.origin.Check(r); err != nil {
		return refuse(http.StatusForbidden, "cross-origin", "Another website sent this on your behalf, so it was not done.")
	}
	return handle(w, r, name)
}

var noSuchAddress = refuse(http.StatusNotFound, "no-such-address", "There is nothing at this address.")

func (a area) allow() string {
	var methods []string
	for _, m := range []string{"GET", "HEAD", "POST", "PUT", "DELETE"} {
		if a.methods[m] != nil || m == "HEAD" && a.methods["GET"] != nil {
			methods = append(methods, m)
		}
	}
	return strings.Join(methods, ", ")
}

// HomePage is the page "/" leads to.
const HomePage = "Home"

func (s *Site) start(w http.ResponseWriter, r *http.Request, _ string) error {
	http.Redirect(w, r, string(address("wiki", HomePage)), http.StatusFound)
	return nil
}

// sealed is what every answer says. Style and script come from files only, so
// that markup which slipped through could not do anything. The slices are
// shared by all answers: their capacity is their length.
var sealed = http.Header{
	"Content-Security-Policy": {"default-src 'none'; style-src 'self'; script-src 'self'; " +
		"img-src 'self' data: https:; media-src 'self' https:; connect-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
	"X-Content-Type-Options":       {"nosniff"},
	"Referrer-Policy":              {"same-origin"},
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Permissions-Policy":           {"camera=(), geolocation=(), microphone=()"},
	"Cache-Control":                {"private, no-cache"},
	"Vary":                         {"Accept, Accept-Encoding, Cookie"},
}
