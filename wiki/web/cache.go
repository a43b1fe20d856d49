package web

import (
	"container/list"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/argss/argss/wiki"
	"github.com/argss/argss/wiki/markup"
)

// article is a page ready to be shown. Once it is cached, only its front changes.
type article struct {
	view     wiki.View
	html     string // safe
	headings []markup.Heading
	links    []string // pages linked to
	wanted   []string // those of them that did not exist
	shape    uint64   // of the store when they were asked for
	front    *atomic.Pointer[front]
}

// bytes is what an article costs, about.
func (a *article) bytes() int {
	const fixed, perLink = 10 << 10, 64 // fixed: mostly the frame, drawn and compressed
	return fixed + 3*len(a.html) + len(a.view.Content) + perLink*(len(a.links)+len(a.wanted)+2*len(a.headings))
}

// holds tells whether rendering the same text again would give the same: the
// pages it links to exist, or do not, as before.
func (a *article) holds(exists func(string) bool) bool {
	for _, name := range a.links {
		if _, wanted := slices.BinarySearch(a.wanted, name); wanted == exists(name) {
			return false
		}
	}
	return true
}

// cache keeps articles by page, the least used leaving first. What it answers
// may be out of date: see Site.look.
type cache struct {
	mu    sync.Mutex
	limit int // in bytes
	used  int
	order *list.List // of *article, the most recently used in front
	pages map[string]*list.Element
}

func newCache(limit int) *cache {
	return &cache{limit: limit, order: list.New(), pages: map[string]*list.Element{}}
}

// get returns the article kept for a page, or nil.
func (c *cache) get(page string) *article {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.pages[page]
	if !ok {
		return nil
	}
	c.order.MoveToFront(e)
	return e.Value.(*article)
}

// put keeps an article, which must not change any more.
func (c *cache) put(a *article) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.pages[a.view.Page]; ok {
		c.drop(old)
	}
	c.pages[a.view.Page] = c.order.PushFront(a)
	c.used += a.bytes()
	for c.used > c.limit {
		c.drop(c.order.Back())
	}
}

func (c *cache) drop(e *list.Element) {
	a := c.order.Remove(e).(*article)
	delete(c.pages, a.view.Page)
	c.used -= a.bytes()
}
