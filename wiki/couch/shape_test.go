package couch_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/argss/argss/wiki/couch"
)

func TestCrowdedRequestsAreRefusedUnread(t *testing.T) {
	crowd := func(value string, n int) string { return strings.TrimSuffix(strings.Repeat(value+",", n), ",") }
	deep := func(n int) string { return `{"docs":[{"_id":"x","header":[` + crowd("0", n) + `]}],"new_edits":false}` }
	limits := couch.Limits{Documents: 100}
	for name, c := range map[string]struct {
		path, body string
		headers    []string
		status     int
	}{
		"documents":             {"_bulk_docs", bulk(crowd("{}", 500)), nil, http.StatusRequestEntityTooLarge},
		"names":                 {"_revs_diff", "{" + crowd(`"a":[]`, 500) + "}", nil, http.StatusRequestEntityTooLarge},
		"versions of a name":    {"_revs_diff", `{"a":[` + crowd(`"1-a"`, 500) + `]}`, nil, http.StatusRequestEntityTooLarge},
		"values of a document":  {"_bulk_docs", deep(1<<16 + 2), nil, http.StatusRequestEntityTooLarge},
		"values of all":         {"_bulk_docs", bulk(crowd(`{"a":[`+crowd("0", 50_000)+`]}`, 25)), nil, http.StatusRequestEntityTooLarge},
		"as many as a file has": {"_bulk_docs", deep(3 * 16384), nil, http.StatusCreated},
		"commas in a string":    {"_bulk_docs", bulk(`{"_id":"` + strings.Repeat(`,\",`, 500) + `"}`), nil, http.StatusCreated},
		"a paired box's own":    {"_bulk_docs", deep(1<<16 + 2), []string{paired}, http.StatusCreated},
	} {
		b := newBox(limits)
		w := b.ask("POST", "/db/public/"+c.path, c.body, c.headers...)
		if w.Code != c.status {
			t.Errorf("%s: answered %d %.200s", name, w.Code, w.Body)
		}
		if b.store.Latest() != 0 {
			t.Errorf("%s: stored %d", name, b.store.Latest())
		}
	}
}
