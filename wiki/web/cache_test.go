package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/argss/argss/wiki"
)

func TestCacheKeepsTheMostRecentlyUsedWithinItsLimit(t *testing.T) {
	article := func(name string) *article {
		return &article{view: wiki.View{Page: name}, html: strings.Repeat("x", 1000)}
	}
	c := newCache(10 * article("").bytes())
	for i := range 10 {
		c.put(article(fmt.Sprint(i)))
	}
	c.get("0")
	c.put(article("10"))
	if c.get("0") == nil || c.get("1") != nil || c.get("10") == nil {
		t.Error("not the least recently used page left")
	}
	for range 20 {
		c.put(article("10"))
	}
	if len(c.pages) != 10 || c.used > c.limit {
		t.Errorf("%d pages in %d of %d bytes", len(c.pages), c.used, c.limit)
	}
	huge := article("huge")
	huge.html = strings.Repeat("x", c.limit)
	c.put(huge)
	if len(c.pages) != 0 || c.used != 0 {
		t.Errorf("a page over the limit left %d pages in %d bytes", len(c.pages), c.used)
	}
}
