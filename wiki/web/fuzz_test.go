package web_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzRequests sends any request. Whatever it is, it is answered without a
// failure of the box, and one that is refused leaves nothing behind.
func FuzzRequests(f *testing.F) {
	f.Add("GET", "/wiki/Home?revision=x", "", `"a"`, "*", "text/html")
	f.Add("PUT", "/raw/a%2F..%2Fb", "text", `W/"x", "y"`, "", "UTF-8''%41")
	f.Add("PUT", "/files/a", "text", "*", "", "image/png; x")
	f.Add("POST", "/edit/Home", "content=a&base=0&token=t&crlf=y", "", "", "application/x-www-form-urlencoded")
	f.Add("POST", "/restore/Home", "revision=%00", "", "", "application/x-www-form-urlencoded")
	f.Add("DELETE", "/raw/Home", "", "*", "", "a;q=0, gzip")
	f.Add("GET", "/pages?prefix=%ff&after=/", "", "", "", "")
	f.Add("GET", "/recent?before=-1&system=%00", "", "", "", "text/html")
	f.Add("GET", "/static/../x-y.css", "", "", "", "")
	f.Fuzz(func(t *testing.T, method, target, body, match, none, any string) {
		address, err := url.ParseRequestURI(target)
		if err != nil || address.Host != "" || method == "" || strings.ContainsFunc(method, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return // net/http refuses these before a handler is asked
		}
		b := newBox(t)
		b.put("/raw/Home", "here")
		r := httptest.NewRequest("GET", "/", strings.NewReader(body))
		r.Method, r.URL = method, address
		for header, value := range map[string]string{
			"If-Match": match, "If-None-Match": none, "Accept": any, "Accept-Encoding": any,
			"Content-Type": any, "Wiki-Comment": any, "Wiki-Author": any, "Idempotency-Key": any, "Wiki-Merge": none, "Range": any,
		} {
			r.Header.Set(header, value)
		}
		before := b.store.Latest()
		got := b.send(r)
		if got.StatusCode >= 500 {
			t.Errorf("answered %d: %s", got.StatusCode, bodyOf(t, got))
		}
		if got.StatusCode >= 400 && b.store.Latest() != before {
			t.Errorf("answered %d and stored something", got.StatusCode)
		}
	})
}
